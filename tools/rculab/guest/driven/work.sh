# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# So much work with preemption off as takes two thirds of the timeout at 64 ns an instruction, which
# it was tuned on. The end of its time is far away.

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh
begin_driven
provoke "preempt-off work=$((1000 * TIMEOUT)) secs=30"
end_driven
