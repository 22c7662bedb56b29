# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Several stalls at once, on different CPUs: one report names all, each has its account, and abort
# and rmmod end all.
# kernels: lab
# cpus: 4
# warp: yes
# expect-stall: yes
# deadline: 120

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 17
load stall_torture
set_knob $stall_timeout 3
trigger=$torture/trigger

check "nothing after the plus" bad "reader + " "expected 'scenario key=value ...'"
check "no blanks around the plus" bad "reader+reader" 'unknown scenario "reader+reader"'
check "the second one is wrong" bad "reader + reader cpu=7" 'cpu="7" is out of range'
check "one that runs only alone" bad "reader + idle" '"idle" runs only alone: see "beside others"'
check "a mode that runs only alone" bad "hrtimer-storm mode=clock-jump + reader" \
	'"hrtimer-storm mode=clock-jump" runs only alone'
check "a CPU twice" bad "reader cpu=2 + irqs-off cpu=2" "cpu=2 is there twice"
check "no CPU left" bad "reader + reader + reader + reader" "needs 5 CPUs online, not 4"
check "repeat behind the first" bad "reader + reader repeat=2" "say them with the first"

# field NAME: of all accounts of the last run, on one line.
field() {
	sed -n "s/^$1  *//p" $torture/report | tr '\n' ,
}

# at_once VERDICTS WORD...: provokes them, and checks what all accounts say.
at_once() {
	wanted=$1
	shift
	dmesg -c >/dev/null
	provoke "$@" || return
	dmesg -c >/tmp/log
	same "the verdicts" "$(field verdict)" "$wanted" || { cat $torture/report; return 1; }
	! grep '^left changed' $torture/report | grep -v ' nothing$'
}

task_and_cpu() {
	at_once "as expected,as expected," reader cpu=1 secs=5 + irqs-off cpu=2 secs=5 || return
	same "what is expected" "$(field expected)" "tasks-blocked,detected," || return
	same "the victims" "$(field 'victim cpu')" 1,2, || return
	# One report has both.
	grep -Eq '^detected .*cpu2 P[0-9]+$' $torture/report || { cat $torture/report; return 1; }
}
check "a reader and a CPU without interrupts" task_and_cpu

three_cpus() {
	at_once "as expected,as expected,as expected," \
		irqs-off cpu=1 secs=5 + slow-interrupt cpu=2 secs=5 + hrtimer-storm cpu=3 secs=5 || return
	grep -q '^detected .*cpu1 cpu2 cpu3$' $torture/report || { cat $torture/report; return 1; }
}
check "three CPUs" three_cpus

beside_a_long_one() {
	at_once "silent as expected,as expected," reader cpu=1 secs=1 + irqs-off cpu=2 secs=5 || return
	at_once "as expected,silent as expected," irqs-off cpu=1 secs=5 + reader cpu=2 secs=1
}
check "one that is too short is not told for its neighbour" beside_a_long_one

first_tells() {
	at_once "as expected,as expected," preempt-off cpu=1 secs=5 + reader cpu=2 secs=5 || return
	same "what is expected" "$(field expected)" "self-detected|detected,self-detected|detected,"
}
check "a CPU that reports itself speaks for the other" first_tells

again() {
	lines=$(wc -l <$torture/report.json)
	at_once "as expected,as expected," reader cpu=2 secs=4 repeat=2 + reader cpu=3 secs=4 || return
	same "new accounts" $(($(wc -l <$torture/report.json) - lines)) 4 || return
	same "the last part" "$(tail -n 1 $torture/report.json | grep -c '"round":2,"part":2,"parts":2')" 1
}
check "the whole is repeated" again

# begun LINE: it runs, for longer than this test.
begun() {
	accepted $trigger "$1" || return
	until_true 20 grep -qx "running $1" $torture/status || { cat $torture/status; return 1; }
}
both="reader cpu=1 secs=50 + irqs-off cpu=2 secs=50"

is_busy() {
	begun "$both" || return
	refused $trigger "reader cpu=3" "Device or resource busy" "busy with $both"
}
check "one run of two is one run" is_busy

aborted() {
	accepted $torture/abort 1 || return
	until_true 20 grep -qx idle $torture/status || return
	same "the verdicts" "$(field verdict)" aborted,aborted, || return
	same "what is left changed" "$(field 'left changed')" nothing,nothing,
}
check "abort ends both" aborted

gone() {
	begun "$both" || return
	rmmod stall_torture || return
	insmod /lab/modules/stall_torture.ko
}
check "rmmod ends both" gone

check "a CPU goes offline in the middle" \
	offline_meanwhile 2 "reader cpu=1 secs=3 + preempt-off cpu=2 secs=3"

set_knob $stall_timeout 21
