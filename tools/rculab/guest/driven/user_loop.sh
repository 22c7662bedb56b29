# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A process that computes for ever on the victim CPU: user space is a quiescent state.

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh
set_knob $stall_timeout "$TIMEOUT" || exit 1
wait_for_high_resolution || exit 1
mark "begin $SCENARIO"
taskset 2 sh -c 'while :; do :; done' &
provoke "idle secs=$((TIMEOUT + EXTRA_DELAY + 3))"
mark "end $SCENARIO"
kill $!
cat $torture/report
