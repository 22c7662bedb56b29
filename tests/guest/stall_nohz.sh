# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A CPU that may run without a tick, and leaves its callbacks to a kthread.
# kernels: nohz
# append: nohz_full=1 rcu_nocbs=1 csdlock_debug=1
# warp: yes
# expect-stall: yes
# deadline: 240

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan $(($(catalogue | wc -l) + 1))
load stall_torture
set_knob $stall_timeout 3

check "CPU 1 is nohz_full" same "nohz_full" "$(cat /sys/devices/system/cpu/nohz_full)" 1
# That CPU is the last one, which scenarios take.
check_catalogue

set_knob $stall_timeout 21
