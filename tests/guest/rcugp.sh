# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# rcu/rcugp counts the grace periods that RCU really has.
# deadline: 60

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 3
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
