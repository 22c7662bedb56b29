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

# A moment after a module has loaded, the kernel frees its init code, and interrupts every CPU for
# that: where one takes no interrupts then, the CPU that asked is stuck as well.
settle() {
	sleep 0.3
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

# Waits until no scenario runs.
await_idle() {
	while read -r status <$torture/status && [ "$status" != idle ]; do
		sleep 0.1
	done
}

# Runs a scenario, given as `trigger` wants it, to its end.
provoke() {
	wait_for_high_resolution || return
	if ! echo "$*" >$torture/trigger; then
		cat $torture/last_error
		return 1
	fi
	await_idle
}
