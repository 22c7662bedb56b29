# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# rcu/rcugp counts the grace periods that RCU really has.
# deadline: 60

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 5
load rcu_demo rculist
rcugp=$debugfs/rcu/rcugp

has_its_lines() {
	for name in completed current state expedited_completed; do
		[ -n "$(value $rcugp $name)" ] || { cat $rcugp; return 1; }
	done
}

# Each removal waits for a grace period of its own.
counts() {
	echo "reclaim $1" >$debugfs/rculist/control
	before=$(value $rcugp "$2")
	for key in 1 2 3 4 5; do
		echo "add $key 0" >$debugfs/rculist/control
		echo "del $key" >$debugfs/rculist/control
	done
	after=$(value $rcugp "$2")
	[ $((after - before)) -ge 5 ] || { echo "$2 went from $before to $after"; return 1; }
}

check "it has its lines" has_its_lines
check "completed counts grace periods" counts sync completed
check "expedited ones are counted apart" counts expedited expedited_completed

# Entries that were removed, and dropped by a callback.
own() {
	echo 'reclaim call' >$debugfs/rculist/control
	before=$(value $debugfs/rculist/callbacks run)
	echo 'add 1 0' >$debugfs/rculist/control
	echo 'del 1' >$debugfs/rculist/control
	until_true 20 grep -q '^pending 0' $debugfs/rculist/callbacks || return
	run=$(value $debugfs/rculist/callbacks run)
	same "callbacks run" $((run - before)) 1 || return
	same "callbacks queued" "$(value $debugfs/rculist/callbacks queued)" "$run"
}
check "a module shows its own callbacks" own
load stall_torture
check "each does" same "accounts with nothing pending" \
	"$(cat $debugfs/rcu_demo/callbacks $debugfs/stall_torture/callbacks | grep -c "^pending 0")" 2
