# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Our counters against what the kernel itself says: its account of its kthreads (sysrq-y),
# rcutorture's statistics, and its count of stalls.
# kernels: lab debug
# cpus: 4
# append: rcutree.sysrq_rcu=1 kmemleak=off
# modules: torture rcu/rcutorture
# deadline: 240
# expect-stall: yes

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 10
load rcu_demo rculist stall_torture
rcu=$debugfs/rcu
kernels_count=/sys/kernel/rcu_stall_count

# between WHAT LEAST GOT MOST
between() {
	if [ "$2" -gt "$3" ] || [ "$3" -gt "$4" ]; then
		echo "$1: $2 <= $3 <= $4 does not hold"
		return 1
	fi
}

# says: the kernel's account, in /tmp/says, and what it said before in /tmp/before.
says() {
	dmesg -c >>/tmp/before
	echo y >/proc/sysrq-trigger
	dmesg >/tmp/says
	grep -q 'RCU callbacks invoked since boot' /tmp/says || { cat /tmp/says; return 1; }
}

# The number that follows the words $1 in the kernel's account.
said() {
	sed -n "s/.*$1 *\(-*[0-9][0-9]*\).*/\1/p" /tmp/says | head -n 1
}

invoked() {
	awk '$1 ~ /^[0-9]+$/ { sum += $7 } END { print sum + 0 }' $rcu/rcudata
}

stalls() {
	awk -v kinds="$1" '$1 ~ kinds { sum += $2 } END { print sum + 0 }' $rcu/stalls
}

check "it is switched on" accepted $rcu/enable 1

busy() {
	! grep -q '^torture_threads 0' $debugfs/rculist/stats
}
# Under load, while CPU 3 comes and goes.
periods=150
[ -z "$FULL" ] || periods=1000
numbers() {
	after=$(value $rcu/rcugp completed)
	goal=$((after + periods))
	cpu3=0
	looks=0
	while [ "$after" -lt $goal ] || [ $looks -lt 5 ]; do
		busy || echo "torture readers=2 updaters=2 secs=2" >$debugfs/rculist/control
		echo $cpu3 >/sys/devices/system/cpu/cpu3/online
		cpu3=$((1 - cpu3))
		last=$after
		before=$(value $rcu/rcugp completed)
		says || return
		after=$(value $rcu/rcugp completed)
		between "completed" "$last" "$before" "$after" || return
		between "completed" "$before" $(($(said '->gp_seq') >> 2)) "$after" || return
		looks=$((looks + 1))
	done
	echo 1 >/sys/devices/system/cpu/cpu3/online
}
check "its ->gp_seq is ours" numbers

calm() {
	grep -q '^torture_threads 0' $debugfs/rculist/stats && grep -q '^pending 0' $debugfs/rculist/stats
}
callbacks() {
	until_true 20 calm || return
	outer=$(invoked)
	says || return
	first=$(said 'since boot:')
	inner=$(invoked)
	echo 'torture readers=1 updaters=2 secs=1' >$debugfs/rculist/control
	sleep 1
	until_true 20 calm || return
	inner=$(($(invoked) - inner))
	says || return
	last=$(said 'since boot:')
	outer=$(($(invoked) - outer))
	[ $inner -gt 100 ] || { echo "only $inner callbacks"; return 1; }
	between "callbacks run" $inner $((last - first)) $outer
}
check "its count of callbacks is ours" callbacks

enough() {
	[ "$(value $rcu/rcugp completed)" -ge "$1" ]
}
# rcutorture tells where the grace periods were at its start and its end.
torture() {
	dmesg -c >/dev/null
	before=$(value $rcu/rcugp completed)
	ended=$(value $rcu/rcugp ended)
	insmod /lab/modules/torture.ko || return
	insmod /lab/modules/rcutorture.ko onoff_interval=0 shuffle_interval=0 stall_cpu=0 fwd_progress=0 \
		stutter=0 || return
	until_true 60 enough $((before + 200)) || return
	rmmod rcutorture torture
	ended=$(($(value $rcu/rcugp ended) - ended))
	after=$(value $rcu/rcugp completed)
	dmesg >/tmp/says
	grep -q 'End of test: SUCCESS' /tmp/says || { tail -n 20 /tmp/says; return 1; }
	start=$(($(said 'Start-test grace-period state: g') >> 2))
	end=$(($(said 'End-test grace-period state: g') >> 2))
	between "its start" "$before" $start $end || return
	between "its end" $start $end "$after" || return
	# Those that it saw end we saw end as well.
	between "grace periods" $((end - start)) "$ended" $((after - before + 1)) || return
	[ $((end - start)) -ge 100 ] || { echo "only $((end - start)) grace periods"; return 1; }
	same "near misses" "$(value $rcu/torture near_misses)" 0
}
check "rcutorture counts as we do" torture

# A CPU that owes its quiescent state, as the kernel's mask has it and as our tree does.
read -r original <$stall_timeout
set_knob $stall_timeout 3
count=$(cat $kernels_count)
detected=$(stalls detected)
expedited=$(stalls expedited)
dmesg -c >/dev/null
: >/tmp/before
wait_for_high_resolution
# Our own expedited grace periods would wait for the victim as well, be reported, and keep others waiting.
echo 0 >$rcu/probe_hz
expedited_idle() {
	[ "$(value $rcu/rcugp expedited_state)" = idle ]
}
until_true 20 expedited_idle
sleep 0.5
# For as long as the questions take.
echo "irqs-off cpu=2 secs=60" >$torture/trigger
# The kernel has it in a report. With RCU's kthread asleep on an idle CPU, whose timers are left to
# the victim, an earlier grace period may be reported before, for idle CPUs that nobody looked at.
stalled() {
	dmesg | grep -q 'rcu:[[:space:]]*2-'
}
check "a CPU stalls" until_true $((30 + EXTRA_DELAY)) stalled
owing() {
	awk '$1 == 0 && $2 == 0 { print $6 }' $rcu/rcuhier
}
tree() {
	before=$(value $rcu/rcugp current)
	age=$(value $rcu/rcugp age_ms)
	first=$(owing)
	says || return
	last=$(owing)
	same "the grace period" "$(value $rcu/rcugp current)" "$before" || return
	# None comes to a mask, and CPU 2 does not go.
	mask=$(sed -n 's/.*rcu_node 0:3 .*->qsmask \(0x[0-9a-f]*\) .*/\1/p' /tmp/says)
	[ $((mask & ~first | last & ~mask | 4 & ~last)) = 0 ] || {
		echo "the kernel's mask is $mask, ours was $first before and $last after"
		return 1
	}
	awk '$1 == 0 && $2 == 0' $rcu/rcuhier | grep -qw cpu2 || { cat $rcu/rcuhier; return 1; }
	# A jiffy more for the rounding of jiffies.
	between "age" 3000 "${age%.*}" $(($(said '->gp_start') + 1))
}
check "who owes a quiescent state" tree
echo 1 >$torture/abort
await_idle
set_knob $stall_timeout "$original"
sleep 0.5
check "the stalls are as many as the kernel counts" same stalls \
	$(($(stalls detected) - detected)) $(($(cat $kernels_count) - count))
logged=$(cat /tmp/before; dmesg)
check "the expedited ones as many as it prints" same stalls \
	$(($(stalls expedited) - expedited)) \
	"$(echo "$logged" | grep -c 'detected expedited stalls')"

seq_of_the_stall() {
	last=$(awk '$1 == "detected" { print $3 }' $rcu/stalls)
	same "the grace period that was late" "$last" \
		"$(echo "$logged" | sed -n 's/.*(detected by .* g=\(-*[0-9]*\),.*/\1/p' | tail -n 1)"
}
check "it was the grace period that the kernel names" seq_of_the_stall
in_stream() {
	grep -q ' stall-detected ' $rcu/events
}
check "the stream has it" in_stream
echo 0 >$rcu/enable
