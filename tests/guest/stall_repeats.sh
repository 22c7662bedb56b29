# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Every scenario brings its stall in 20 of 20 runs.
# kernels: lab
# warp: yes
# expect-stall: yes
# deadline: 400

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 4
load stall_torture
set_knob $stall_timeout 3

for scenario in reader preempt-off irqs-off hrtimer-storm; do
	check "$scenario stalls in 20 of 20 runs" twenty $scenario secs=4
done
set_knob $stall_timeout 21
