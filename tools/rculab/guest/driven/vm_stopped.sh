# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A reader, far shorter than the timeout, in the middle of which the host stops the machine for a
# while.

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh
set_knob $stall_timeout "$TIMEOUT" || exit 1
wait_for_high_resolution || exit 1
mark "begin $SCENARIO"
echo 'reader secs=2' >$torture/trigger || exit 1
sleep 1
read -r before _ </proc/uptime
mark "host: stop $STOPPED"
sleep 1
read -r after _ </proc/uptime
await_idle
mark "end $SCENARIO"
echo "the guest's clock while the host stopped it: $before s, $after s"
cat $torture/report
