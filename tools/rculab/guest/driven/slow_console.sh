# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A flood of lines, to a console that the host reads slowly from its beginning on.

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh
begin_driven
mark "host: read slowly"
sleep 1
provoke "printk-flood secs=$((TIMEOUT + EXTRA_DELAY + 3))"
end_driven
