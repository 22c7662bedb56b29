# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Every scenario brings the stall that it is for, or the silence, and puts everything back.
# expect-stall: yes
# deadline: 120

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 5
load stall_torture

read -r original <$stall_timeout
set_knob $stall_timeout 3
secs=$((3 + EXTRA_DELAY + 2))

for scenario in reader preempt-off irqs-off hrtimer-storm; do
	check "$scenario stalls" as_expected $scenario secs=$secs
done

check "the fixed hrtimer is silent" as_expected hrtimer-storm mode=fixed secs=$secs

set_knob $stall_timeout "$original"
