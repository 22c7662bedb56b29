# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A reader, far shorter than the timeout, in the middle of which the host stops the machine for a
# while.

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh
begin_driven
echo 'reader secs=2' >$torture/trigger || exit 1
sleep 1
read -r before _ </proc/uptime
mark "host: stop $STOPPED"
sleep 1
read -r after _ </proc/uptime
await_idle
echo "the guest's clock while the host stopped it: $before s, $after s"
end_driven
