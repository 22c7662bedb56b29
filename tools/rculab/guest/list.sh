# SPDX-License-Identifier: GPL-2.0

. /lab/lib.sh
cat $torture/scenarios
