# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A CPU that halts with interrupts off. It ends when the host has sent an NMI.

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh
rmmod stall_torture
insmod /lab/modules/stall_torture.ko allow_cpu_dead=1 || exit 1

secs=$((TIMEOUT + EXTRA_DELAY + 3))
begin_driven
echo "cpu-dead secs=$secs" >$torture/trigger || exit 1
sleep $((secs + 2))
cat $torture/status
mark "host: send an NMI"
await_idle
end_driven
