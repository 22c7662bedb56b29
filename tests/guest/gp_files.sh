# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# The files of the grace-period counters, however they are read and written.
# deadline: 90

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 23
load rcu_demo
rcu=$debugfs/rcu
invalid="Invalid argument"
files="rcugp rcuexp rcubarrier rcuhier rcudata geometry srcu tasks stalls torture events enable
	ask probe_hz last_error"
cd /tmp || exit
# Each look starts processes, and each piece is an answer: on an emulated processor that takes time.
looks=15
piece=3
reloads=2
[ -z "$FULL" ] || looks=30 piece=1 reloads=3

check "enable is 0 at first" same enable "$(cat $rcu/enable)" 0
check "probe_hz is 10 at first" same probe_hz "$(cat $rcu/probe_hz)" 10
check "enable takes no 2" refused $rcu/enable 2 "$invalid" "enable: expected 0 or 1, not '2'"
check "nor nothing" refused $rcu/enable "" "$invalid" "enable: expected 0 or 1"
check "probe_hz takes no 1001" refused $rcu/probe_hz 1001 "$invalid" "0 to 1000, not '1001'"
check "nor a sign" refused $rcu/probe_hz -1 "$invalid" "0 to 1000, not '-1'"
check "neither has changed" same "both" "$(cat $rcu/enable $rcu/probe_hz)" "0
10"

explained() {
	for file in rcugp rcuexp rcubarrier rcuhier rcudata geometry torture; do
		grep -q '^# .*-: not known' "$rcu/$file" || { echo "$file says no reason"; return 1; }
	done
}
check "what is not known is explained" explained
first=$(value $rcu/rcugp completed)
check "it is switched on" accepted $rcu/enable 1
check "and once more" accepted $rcu/enable 1
check "the rate is set" accepted $rcu/probe_hz 100

# A kernel without RCU_TRACE must not show numbers that only tracepoints tell.
honest() {
	if [ "$KERNEL" = debian ]; then
		same "ended" "$(value $rcu/rcugp ended)" - || return
		same "rows of numbers" "$(grep -c '^ *[0-9].*no *$' $rcu/rcuhier)" 0 || return
		grep -q 'no CONFIG_RCU_TRACE' $rcu/rcudata
	else
		# A grace period has ended when it is switched on.
		[ "$(value $rcu/rcugp ended)" -gt 0 ] || { cat $rcu/rcugp; return 1; }
		! grep -q 'not known' $rcu/rcugp $rcu/rcuexp $rcu/rcuhier
	fi
}
check "what tracepoints tell" honest

measured() {
	awk '/^less_than_us/ { on = 1; next }
		on { for (i = 3; i <= 5; i++) sum[i] += $i }
		END { exit !(sum[3] > 5 && sum[4] > 5 && sum[5] > 5) }' $rcu/rcugp
}
check "the module measures for itself" until_true 20 measured
seconds=1
[ -z "$FULL" ] || seconds=10
rated() {
	[ "$(value $rcu/rcugp per_second_${seconds}s)" != - ]
}
check "there is a rate after its time" until_true 20 rated

# A rate is of samples since it was switched on: there are at least as many grace periods.
rate() {
	rate=$(value $rcu/rcugp per_second_${seconds}s)
	count=$(($(value $rcu/rcugp completed) - first))
	if [ "${rate%.*}" -le 0 ] || [ $((${rate%.*} * seconds)) -gt $count ]; then
		echo "$rate a second, over $seconds s, of $count in all"
		return 1
	fi
}
check "and there were so many" until_true 40 rate

# Of each grace period that ended how long it took, unless its start was not seen.
buckets() {
	[ "$KERNEL" != debian ] || { same "grace periods" "$(sum)" 0; return; }
	before=$(value $rcu/rcugp ended)
	sum=$(sum)
	after=$(value $rcu/rcugp ended)
	if [ $((before - 1)) -gt "$sum" ] || [ "$sum" -gt "$after" ]; then
		echo "$before - 1 <= $sum <= $after does not hold"
		return 1
	fi
}
sum() {
	awk '/^less_than_us/ { on = 1; next } on { sum += $2 } END { print sum + 0 }' $rcu/rcugp
}
check "each grace period is in the histogram" buckets

# What is counted only grows, however it is switched.
counts() {
	cat $rcu/rcugp $rcu/rcuexp $rcu/rcubarrier | grep -E \
		'^(completed|ended|forced_scans|expedited_completed|wanted|started|began|longest_ms) '
}
monotonic() {
	counts >before
	for _ in $(seq $looks); do
		[ $((_ % 5)) != 0 ] || echo $((_ % 2)) >$rcu/enable
		counts >now
		paste before now | awk '$2 != "-" && $4 + 0 < $2 + 0 { print; bad = 1 } END { exit bad }' || return
		mv now before
	done
}
check "counts only grow" monotonic

echo 1 >$rcu/enable
sleep 0.2
check "it is switched off" accepted $rcu/enable 0

# What does not change while enable is 0.
bytes() {
	for file in events geometry rcubarrier rcudata; do
		cat "$rcu/$file" >whole
		dd if="$rcu/$file" of=pieces bs=$piece 2>/dev/null
		cmp whole pieces || return
	done
}
check "read in small pieces a file is the same" bytes

# Opened before more happens, and read in pieces, one of which is jumped over.
middle() {
	cat $rcu/events >whole
	exec 3<$rcu/events
	echo 1 >$rcu/enable
	sleep 0.3
	echo 0 >$rcu/enable
	dd bs=50 count=2 <&3 >first 2>/dev/null
	dd bs=30 skip=1 <&3 >rest 2>/dev/null
	exec 3<&-
	cat first rest >pieces
	{ head -c 100 whole; tail -c +131 whole; } >expected
	cmp expected pieces
}
check "a stream is of the moment of its opening" middle

# Each file is open, and read in part, while grace periods pass: none waits for a reader of ours.
half_read() {
	echo 1 >$rcu/enable
	touch held
	for file in $files; do
		{ head -c 1 >/dev/null; while [ -e held ]; do sleep 0.1; done; } <"$rcu/$file" &
	done
	goal=$(($(value $rcu/rcugp completed) + 20))
	until_true 30 passed $goal
	status=$?
	rm held
	wait
	echo 0 >$rcu/enable
	return $status
}
passed() {
	[ "$(value $rcu/rcugp completed)" -ge "$1" ]
}
check "grace periods pass while files are open" half_read

# Our domain is there by its name, and its grace periods are counted; so is the kernel's.
domains() {
	seq() { awk -v domain="$1" '$1 == domain { print $3 }' $rcu/srcu; }
	grep -q '^rcu_tasks_trace ' $rcu/srcu || { cat $rcu/srcu; return 1; }
	before=$(seq srcu_domain)
	echo 'set 7' >$debugfs/rcu_demo/srcu_domain/control
	echo 'set 8' >$debugfs/rcu_demo/srcu_domain/control
	echo 'read 5000' >$debugfs/rcu_demo/srcu_domain/control &
	until_true 10 grep -q '^srcu_domain .* 1  [a-z-]*$' $rcu/srcu || { cat $rcu/srcu; return 1; }
	wait
	[ $(($(seq srcu_domain) - before)) -ge 2 ] || { cat $rcu/srcu; return 1; }
}
check "SRCU domains are listed" domains

# Eight read everything while it is switched, loaded and unloaded.
reader() {
	while [ ! -e stop ]; do
		# The first line of each, and then all.
		for file in $files; do
			read -r _ <"$rcu/$file"
		done 2>/dev/null
		# shellcheck disable=SC2086 # several files
		(cd $rcu && cat $files) >/dev/null 2>&1
		# So that at some moments no file is open.
		sleep 0.5
		while [ -e pause ]; do
			sleep 0.1
		done
	done
}
# While a reader has a file open the module is in use; in the end they are asked to wait.
unload_among_readers() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		! rmmod rcu_demo 2>/dev/null || return 0
	done
	touch pause
	until_true 60 rmmod rcu_demo
	status=$?
	rm pause
	return $status
}
come_and_go() {
	for _ in $(seq $reloads); do
		echo 1 >$rcu/enable
		echo 1 >$rcu/ask
		insmod /lab/modules/rculist.ko
		echo 'torture readers=1 updaters=1 secs=1' >$debugfs/rculist/control
		sleep 0.5
		rmmod rculist
		unload_among_readers || return
		insmod /lab/modules/rcu_demo.ko || return
	done
}
crowd() {
	rm -f stop pause
	for _ in 1 2 3 4 5 6 7 8; do
		reader &
	done
	come_and_go
	status=$?
	touch stop
	wait
	return $status
}
check "eight readers, while it comes and goes" crowd
