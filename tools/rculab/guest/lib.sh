# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash disable=SC2034 # its variables are for others
#
# What the guest's scripts share: knobs of the kernel, marks in its log, scenarios.

torture=/sys/kernel/debug/stall_torture
stall_timeout=/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout

# Leaves a line in the kernel's log, so that a reader finds where what happened.
mark() {
	echo "rculab: $*" >/dev/kmsg
}

# In the first second or two after boot the clock is too coarse for high resolution timers:
# every interval counts as a whole jiffy, and a storm of short ones would be none.
wait_for_high_resolution() {
	for _ in $(seq 100); do
		if grep -q '\.resolution: 1 nsecs' /proc/timer_list; then
			return
		fi
		sleep 0.1
	done
	echo "this guest has no high resolution timers (its log says why)"
	return 1
}

# Sets the knob $1 to $2, and says so if the kernel took another value.
set_knob() {
	echo "$2" >"$1"
	read -r taken <"$1"
	if [ "$taken" != "$2" ]; then
		echo "$1 is $taken, not $2"
		return 1
	fi
}

# All scenarios that need nothing but the module, as `trigger` takes them: five seconds, which is
# more than the shortest timeout, unless they say otherwise. Where the length of a storm depends on
# what a handler costs, the numbers are for the slow CPU of a time-warped guest.
catalogue() {
	cat <<-END
		reader secs=5
		reader-preempted secs=5
		preempt-off secs=5
		bh-off secs=5
		softirq-loop secs=5
		irqs-off secs=5
		slow-interrupt secs=5
		hrtimer-storm secs=5
		hrtimer-storm mode=converge interval=100000 backlog=20 secs=20
		hrtimer-storm mode=clock-jump interval=500000 backlog=100 secs=20
		hrtimer-storm mode=yielding secs=9
		hrtimer-storm mode=fixed secs=5
		stuck-callback secs=5
		csd-lock timeout=1 secs=5
		csd-lock timeout=1 suppress=yes secs=5
		gp-kthread-blocked secs=5
		gp-kthread-starved secs=5
		timer-wakeup-lost secs=5
		kick secs=2
		expedited-reader secs=5
		expedited-reader preemption=off secs=5
		expedited-irqs-off secs=5
		tasks timeout=3 secs=5
		tasks-trace secs=5
		srcu secs=5
		long-srcu-reader secs=5
		callback-flood secs=5
		no-gp secs=5
		idle secs=5
	END
}

# knobs_of SCENARIO KEY=VALUE...: the kernel's knobs that it needs, and their values. The seconds
# that the kernel's own timeouts are set to come from the keys.
knobs_of() {
	parameters=/sys/module/rcutree/parameters
	timeout_ms=5000
	suppress=N
	for word; do
		case $word in
		timeout=*) timeout_ms=$((${word#*=} * 1000)) ;;
		suppress=yes) suppress=Y ;;
		esac
	done
	case $1 in
	gp-kthread-starved)
		for knob in /sys/kernel/debug/sched/fair_server/cpu*/runtime; do
			echo "$knob 0"
		done
		;;
	kick)
		echo "$parameters/rcu_kick_kthreads Y"
		;;
	csd-lock)
		echo "/sys/module/smp/parameters/csd_lock_timeout $timeout_ms"
		echo "$parameters/csd_lock_suppress_rcu_stall $suppress"
		;;
	tasks)
		jiffies=$((timeout_ms * HZ / 1000))
		echo "/sys/module/rcupdate/parameters/rcu_task_stall_info $((jiffies / 2))"
		echo "/sys/module/rcupdate/parameters/rcu_task_stall_timeout $jiffies"
		;;
	esac
}

# Sets the knobs that a scenario needs, and remembers what they were.
set_knobs() {
	knobs_of "$@" >/tmp/knobs.wanted
	: >/tmp/knobs.before
	while read -r knob value; do
		read -r before <"$knob" || return
		echo "$knob $before" >>/tmp/knobs.before
		set_knob "$knob" "$value" || return
	done </tmp/knobs.wanted
}

# Puts them back, and reads that back.
put_knobs_back() {
	while read -r knob value; do
		set_knob "$knob" "$value" || return
	done </tmp/knobs.before
}

# Waits until no scenario runs.
await_idle() {
	while read -r status <$torture/status && [ "$status" != idle ]; do
		sleep 0.1
	done
}

# Runs a scenario, given as `trigger` wants it, to its end.
provoke() {
	wait_for_high_resolution || return
	set_knobs "$@" || return
	if echo "$*" >$torture/trigger; then
		await_idle
		provoked=0
	else
		cat $torture/last_error
		provoked=1
	fi
	put_knobs_back && return $provoked
}
