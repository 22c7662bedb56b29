# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A process that computes for ever on the victim CPU: user space is a quiescent state.

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh
begin_driven
taskset 2 sh -c 'while :; do :; done' &
provoke "idle secs=$((TIMEOUT + EXTRA_DELAY + 3))"
kill $!
end_driven
