# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Every scenario brings the stall that it is for, or the silence, and puts everything back.
# expect-stall: yes
# deadline: 120

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 6
load stall_torture

read -r original <$stall_timeout
set_knob $stall_timeout 3
secs=$((3 + EXTRA_DELAY + 2))

for scenario in reader preempt-off irqs-off hrtimer-storm; do
	check "$scenario stalls" as_expected $scenario secs=$secs
done

check "the fixed hrtimer is silent" as_expected hrtimer-storm mode=fixed secs=$secs

# What a grace period is held to is the timeout that it began with.
reported() {
	[ "$(count_stalls)" != "$before" ]
}
another_timeout() {
	before=$(count_stalls)
	accepted $torture/trigger "reader secs=$secs" || return
	until_true 60 reported || return
	set_knob $stall_timeout 60 || return
	await_idle
	set_knob $stall_timeout 3 || return
	same "the verdict" "$(report verdict)" "as expected"
}
check "a timeout that is set meanwhile is for the next" another_timeout

set_knob $stall_timeout "$original"
