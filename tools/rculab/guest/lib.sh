# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash disable=SC2034 # its variables are for others
#
# What the guest's scripts share: knobs of the kernel, marks in its log, scenarios.

torture=/sys/kernel/debug/stall_torture
clocksource=/sys/devices/system/clocksource/clocksource0/current_clocksource
stall_count=/sys/kernel/rcu_stall_count
stall_timeout=/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout
kmemleak=/sys/kernel/debug/kmemleak

# Leaves a line in the kernel's log, so that a reader finds where what happened.
mark() {
	echo "rculab: $*" >/dev/kmsg
}

# Marks the end of what the kernel says of $*. What this job says from here on the host takes up after
# that mark only: the console is a channel of its own, and may be late.
mark_end() {
	mark "end $*"
	echo "@after end $*"
}

# In the first second or two after boot the clock is too coarse for high resolution timers:
# every interval counts as a whole jiffy, and a storm of short ones would be none. And when the
# kernel goes over to a better clock it stops all CPUs, and waits for one that does not answer.
wait_for_high_resolution() {
	for _ in $(seq 100); do
		grep -q '\.resolution: 1 nsecs' /proc/timer_list && fine=yes || fine=
		if [ "$fine" ] && [ "$(cat $clocksource)" != tsc-early ]; then
			return
		fi
		sleep 0.1
	done
	[ -z "$fine" ] || return 0
	echo "this guest has no high resolution timers (its log says why)"
	return 1
}

# Sets the knob $1 to $2, and says so if the kernel took another value.
set_knob() {
	echo "$2" >"$1"
	# Not with `read`, which asks for one byte after the other: a sysctl gives only the first.
	taken=$(cat "$1")
	if [ "$taken" != "$2" ]; then
		echo "$1 is $taken, not $2"
		return 1
	fi
}

# The stall timeout, in seconds. Tiny RCU looks for no stall, and names this one.
get_timeout() {
	cat $stall_timeout 2>/dev/null || echo 21
}

# Sets the stall timeout to $1, where there is one.
set_timeout() {
	[ ! -e $stall_timeout ] || set_knob $stall_timeout "$1"
}

# How many stalls RCU has reported since boot, where it counts them.
count_stalls() {
	cat $stall_count 2>/dev/null || echo -
}

# All scenarios that need nothing but the module, as `trigger` takes them. Each lasts longer than the
# shortest timeout, which some kernels add EXTRA_DELAY seconds to, and more for expedited grace
# periods. Where the length of a storm depends on what a handler costs, the numbers are for the slow
# CPU of a time-warped guest.
catalogue() {
	secs=$((5 + 2 * ${EXTRA_DELAY:-0}))
	cat <<-END
		reader secs=$secs
		reader-preempted secs=$secs
		preempt-off secs=$secs
		bh-off secs=$secs
		softirq-loop secs=$secs
		irqs-off secs=$secs
		tick-off secs=$secs
		slow-interrupt secs=$secs
		hrtimer-storm secs=$secs
		hrtimer-storm mode=converge interval=100000 backlog=20 secs=20
		hrtimer-storm mode=clock-jump interval=500000 backlog=100 secs=20
		hrtimer-storm mode=yielding secs=$((secs + 4))
		hrtimer-storm mode=fixed secs=$secs
		stuck-callback secs=$secs
		rt-hog secs=$secs
		csd-lock timeout=1 secs=$secs
		csd-lock timeout=1 suppress=yes secs=$secs
		gp-kthread-blocked secs=$secs
		gp-kthread-starved secs=$secs
		timer-wakeup-lost secs=$secs
		kick secs=2
		expedited-reader secs=$secs
		expedited-reader preemption=off secs=$secs
		expedited-irqs-off secs=$secs
		tasks timeout=3 secs=$secs
		tasks-trace secs=$secs
		srcu secs=$secs
		long-srcu-reader secs=$secs
		callback-flood secs=$secs
		no-gp secs=$secs
		lazy-loop secs=$secs
		idle secs=$secs
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
		panic=1)
			# The other half, the first stall, cannot be put back: unset is no value for it.
			echo 1 >/proc/sys/kernel/max_rcu_stall_to_panic
			echo "/proc/sys/kernel/panic_on_rcu_stall 1"
			;;
		ftrace_dump=1)
			echo "/sys/module/rcupdate/parameters/rcu_cpu_stall_ftrace_dump 1"
			;;
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
	expedited-*)
		# With PREEMPT_RT nobody is in a hurry, by default.
		echo "/sys/kernel/rcu_normal 0"
		# Before a normal grace period is reported as well: what two CPUs print at once may be cut.
		echo "/sys/module/rcupdate/parameters/rcu_exp_cpu_stall_timeout 1500"
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
		# Where a kernel lacks it, the module says what else is missing.
		[ -e "$knob" ] || continue
		was=$(cat "$knob") || return
		echo "$knob $was" >>/tmp/knobs.before
		set_knob "$knob" "$value" || return
	done </tmp/knobs.wanted
}

# Puts them back, and reads that back.
put_knobs_back() {
	while read -r knob value; do
		set_knob "$knob" "$value" || return
	done </tmp/knobs.before
}

# What the host drives begins here: the shortest timeout, and a mark for the host.
begin_driven() {
	original=$(get_timeout)
	set_knob $stall_timeout "$TIMEOUT" || exit 1
	wait_for_high_resolution || exit 1
	mark "begin $SCENARIO"
}

# And it ends here, with the timeout as it was and the module's account.
end_driven() {
	mark_end "$SCENARIO"
	set_knob $stall_timeout "$original" || exit 1
	cat $torture/report
}

# Waits until no scenario runs.
await_idle() {
	while read -r status <$torture/status && [ "$status" != idle ]; do
		sleep 0.1
	done
}

# Waits until the kernel has reported more stalls than $1, or the run is over, and has it show the
# state of RCU: sysrq-y, which it knows if booted with rcutree.sysrq_rcu=1.
show_rcu() {
	while read -r status <$torture/status && [ "$status" != idle ]; do
		if [ "$(cat $stall_count)" != "$1" ]; then
			echo y >/proc/sysrq-trigger
			return
		fi
		sleep 0.1
	done
}

# Has the kernel print again what it warns of once, until the run is over: a grace period that was
# late may have had the warning before anybody listened.
warn_again() {
	while read -r status <$torture/status && [ "$status" != idle ]; do
		echo 1 >/sys/kernel/debug/clear_warn_once
		sleep 0.2
	done
}

# Runs a scenario, given as `trigger` wants it, to its end.
provoke() {
	wait_for_high_resolution || return
	set_knobs "$@" || {
		put_knobs_back
		return 1
	}
	request='' sysrq=''
	stalls=$(count_stalls)
	for word; do
		case $word in
		# These are for the kernel, and knobs by now.
		panic=1 | ftrace_dump=1) ;;
		sysrq_y=1) sysrq=1 ;;
		*) request="$request $word" ;;
		esac
	done
	# The shell knows the errno only, last_error what it is about.
	if { echo "${request# }" >$torture/trigger; } 2>/dev/null; then
		case $1 in
		kick*) warn_again ;;
		esac
		[ -z "$sysrq" ] || show_rcu "$stalls"
		await_idle
		provoked=0
	else
		cat $torture/last_error
		provoked=1
	fi
	put_knobs_back && return $provoked
}

# Prints what kmemleak finds; fails where there is none. Its first scan may take for lost what is only on
# its way.
find_leaks() {
	{ echo scan >$kmemleak; } 2>/dev/null || return
	sleep 6
	echo scan >$kmemleak
	cat $kmemleak
}
