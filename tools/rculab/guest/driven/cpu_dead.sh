# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A CPU that halts with interrupts off. It ends when the host has sent an NMI.

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh
set_knob $stall_timeout "$TIMEOUT" || exit 1
wait_for_high_resolution || exit 1
rmmod stall_torture
insmod /lab/modules/stall_torture.ko allow_cpu_dead=1 || exit 1

secs=$((TIMEOUT + EXTRA_DELAY + 3))
mark "begin $SCENARIO"
echo "cpu-dead secs=$secs" >$torture/trigger || exit 1
sleep $((secs + 2))
cat $torture/status
mark "host: send an NMI"
await_idle
mark "end $SCENARIO"
cat $torture/report
