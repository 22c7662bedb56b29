# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Grace periods as short as they can be: the same stalls, and no more.
# kernels: strict
# warp: yes
# expect-stall: yes
# deadline: 120

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 4
load stall_torture
set_knob $stall_timeout 3

for scenario in reader preempt-off irqs-off idle; do
	check "$scenario" as_expected $scenario secs=5
done

set_knob $stall_timeout 21
