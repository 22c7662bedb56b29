# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A CPU that may run without a tick, and leaves its callbacks to a kthread.
# kernels: nohz
# append: nohz_full=1 rcu_nocbs=1
# warp: yes
# expect-stall: yes
# deadline: 120

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 6
load stall_torture
set_knob $stall_timeout 3

check "CPU 1 is nohz_full" same "nohz_full" "$(cat /sys/devices/system/cpu/nohz_full)" 1
for scenario in reader preempt-off irqs-off; do
	check "$scenario stalls" as_expected $scenario cpu=1 secs=5
done
check "a loop is silent" as_expected lazy-loop cpu=1 secs=5
check "idle is silent" as_expected idle cpu=1 secs=5

set_knob $stall_timeout 21
