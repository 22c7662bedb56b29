# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# What trigger and abort refuse, with which error and which words; nothing changes.
# deadline: 60

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 28
load stall_torture
trigger=$torture/trigger

check "no scenario" bad "" "expected 'scenario key=value ...'"
check "spaces alone" bad "   " "expected 'scenario key=value ...'"
check "unknown scenario" bad "raeder" 'unknown scenario "raeder"'
check "scenario in capitals" bad "READER" 'unknown scenario "READER"'
check "word without a value" bad "reader 10" '"10": expected key=value'
check "unknown key" bad "reader colour=red" 'no key "colour"'
check "another scenario's key" bad "reader mode=never" 'no key "mode"'
check "key without a name" bad "reader =1" 'no key ""'
check "key twice" bad "reader secs=1 secs=1" '"secs" is there twice'
check "secs=0" bad "reader secs=0" 'secs="0" is out of range: expected 1-'
check "secs too large" bad "reader secs=100000" 'secs="100000" is out of range'
check "secs beyond 64 bits" bad "reader secs=99999999999999999999" 'is out of range'
check "secs negative" bad "reader secs=-1" 'secs="-1" is out of range'
check "secs no number" bad "reader secs=ten" 'secs="ten" is out of range'
check "secs empty" bad "reader secs=" 'secs="" is out of range'
check "cpu that does not exist" bad "reader cpu=99" 'cpu="99" is out of range: expected 0-'
check "word that is not offered" bad "hrtimer-storm mode=fast" 'expected never|converge|clock-jump|yielding|fixed'
check "too long a line" bad "reader $(printf '%0200d' 0)" "128 bytes"
check "two lines at once" bad "reader
reader" "one line"

offline() {
	echo 0 >/sys/devices/system/cpu/cpu1/online || return
	bad "reader cpu=1" "cpu=1 is offline"
	status=$?
	echo 1 >/sys/devices/system/cpu/cpu1/online
	return $status
}
check "offline CPU" offline

check "a CPU that only an NMI wakes, unasked" refused $trigger cpu-dead "Operation not supported" \
	"needs allow_cpu_dead=1"
check "abort takes only 1" refused $torture/abort 2 "Invalid argument" "expected 1"
check "abort of nothing" accepted $torture/abort 1

busy() {
	accepted $trigger "reader secs=20 cpu=1" || return
	refused $trigger "irqs-off" "Device or resource busy" "busy with reader" || return
	same "status" "$(cat $torture/status)" "running reader cpu=1 secs=20"
}
check "a second one while one runs" busy

aborted() {
	accepted $torture/abort 1 || return
	until_true 20 grep -qx idle $torture/status || return
	same "the verdict" "$(report verdict)" aborted
}
check "abort ends it" aborted

quick_flood() {
	provoke printk-flood lines=50 secs=20 || return
	same "the verdict" "$(report verdict)" "silent as expected" || return
	same "the lines" "$(report 'lines printed')" 50
}
check "a flood on a quick console is no stall" quick_flood

# Each of three rounds begins a second after the one before has ended, which lasts a second.
rounds() {
	provoke idle secs=1 repeat=3 holdoff=1 || return
	tail -n 3 $torture/report.json |
		sed 's/.*"round":\([0-9]*\),.*"began_ms":\([0-9]*\),.*/\1 \2/' >/tmp/rounds
	awk '$1 != NR || (NR > 1 && $2 - began < 2000) { bad = 1 }
	     { began = $2 }
	     END { exit bad || NR != 3 }' /tmp/rounds || { cat /tmp/rounds; return 1; }
}
check "repeat= and holdoff= do what they say" rounds

# Nothing of it has happened, and it says so.
aborted_before_it_began() {
	dmesg -c >/dev/null
	accepted $trigger "reader secs=5 holdoff=60" || return
	until_true 20 grep -q "^running" $torture/status || return
	accepted $torture/abort 1 || return
	until_true 20 grep -qx idle $torture/status || return
	same "the verdict" "$(report verdict)" aborted || return
	same "its length" "$(report 'stall, ms')" 0 || return
	! dmesg | grep ' begins$'
}
check "abort while it holds off" aborted_before_it_began
