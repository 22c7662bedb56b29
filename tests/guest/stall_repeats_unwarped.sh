# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# The same on a clock that goes on while a CPU does not, with CPUs that run at once.
# only-full: yes
# expect-stall: yes
# deadline: 600

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 4
load stall_torture
read -r original <$stall_timeout
set_knob $stall_timeout 3

for scenario in reader preempt-off irqs-off hrtimer-storm; do
	check "$scenario stalls in 20 of 20 runs" twenty $scenario secs=$((3 + EXTRA_DELAY + 2))
done
set_knob $stall_timeout "$original"
