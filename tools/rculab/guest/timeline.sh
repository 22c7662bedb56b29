# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A second of work, or a stall, and what RCU did meanwhile.
#
# In: SCENARIO (empty for none), TIMEOUT (seconds), EXTRA_DELAY (seconds that this kernel adds).

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh
cd /sys/kernel/debug/rcu || exit
echo 1 >enable || exit
if [ -n "$SCENARIO" ]; then
	set_knob $stall_timeout "$TIMEOUT" || exit 1
	why=$(provoke "$SCENARIO" secs=$((TIMEOUT + EXTRA_DELAY + 1))) || {
		echo "@refused $why"
		exit 1
	}
else
	echo 'torture readers=1 updaters=1 secs=1' >../rculist/control
	sleep 1.5
fi
echo 0 >enable
cat events
