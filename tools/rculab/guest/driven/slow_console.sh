# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A flood of warnings, to a console that the host reads slowly from its beginning on. (What is not
# urgent is not written by who prints it, since 7.3.)

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh
begin_driven
mark "host: read slowly"
sleep 1
provoke "printk-flood kind=warning secs=$((TIMEOUT + EXTRA_DELAY + 3))"
# With that the host reads as fast as it can, and what is left comes out.
cat $torture/report
sleep 3
mark "end $SCENARIO"
set_knob $stall_timeout "$original"
