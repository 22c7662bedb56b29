# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh
cat $torture/scenarios
