# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The whole catalogue. After each scenario a line `@row REQUEST|VERDICT` for the host; the verdict
# on one that the module refuses is why.
#
# In: TIMEOUT (seconds), EXTRA_DELAY (seconds that this kernel adds to any timeout), HZ.

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh

original=$(get_timeout)
set_timeout "$TIMEOUT" || exit 1
catalogue >/tmp/catalogue
while read -r request; do
	mark "begin $request"
	# shellcheck disable=SC2086 # one word a key
	if why=$(provoke $request); then
		why=$(sed -n 's/^verdict *//p' $torture/report)
	fi
	mark_end "$request"
	echo "@row $request|$why"
done </tmp/catalogue
set_timeout "$original" || exit 1
cat $torture/report.json
