# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The real TAPRIO qdisc, on a pair of virtual interfaces. Its timer is on the CPU that `tc` ran on.
# (The paths say that it is not busybox that is meant.)
#
# In: INTERVAL (ns), STEP (seconds that the clock is set forward, or nothing).

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh
/bin/ip link add v0 numtxqueues 2 numrxqueues 2 type veth peer name v1 numtxqueues 2 numrxqueues 2 || exit 1
/bin/ip link set v0 up
/bin/ip link set v1 up

begin_driven
echo "watch secs=$((TIMEOUT + EXTRA_DELAY + 6)) cpu=1" >$torture/trigger || exit 1
sleep 1
taskset 2 /bin/tc qdisc replace dev v0 parent root handle 100 taprio num_tc 2 map 0 1 \
	queues 1@0 1@1 base-time 0 \
	sched-entry S 01 "$INTERVAL" sched-entry S 02 "$INTERVAL" clockid CLOCK_TAI &
if [ -n "$STEP" ]; then
	# It is done when the kernel has the schedule.
	wait $! || exit 1
	date -s "@$(($(date +%s) + STEP))"
	await_idle
	end_driven
else
	# No grace period ends any more: there is no account.
	sleep $((TIMEOUT + EXTRA_DELAY + 4))
	mark "end $SCENARIO"
	# Nor can the machine be switched off in order, which waits for all CPUs: it is reset.
	echo "@exit 0"
	sleep 1
	echo b >/proc/sysrq-trigger
fi
