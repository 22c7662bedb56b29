# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# With one CPU: what can be reported there is, and what nobody would be left to report is refused.
# kernels: lab
# cpus: 1
# warp: yes
# expect-stall: yes
# deadline: 120

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 5
load stall_torture
set_knob $stall_timeout 3

check "reader stalls" as_expected reader secs=5
check "a storm that lets the CPU go now and then stalls" as_expected hrtimer-storm mode=yielding secs=9
check "a storm that does not is refused" refused $torture/trigger hrtimer-storm \
	"Invalid argument" "hrtimer-storm needs 2 CPUs online, not 1"
check "irqs-off is refused" refused $torture/trigger irqs-off \
	"Invalid argument" "irqs-off needs 2 CPUs online, not 1"
check "idle is silent" as_expected idle secs=5

set_knob $stall_timeout 21
