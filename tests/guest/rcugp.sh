# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# rcu/rcugp counts the grace periods that RCU really has.
# deadline: 60

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 6
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

# Entries that were removed, and dropped by a callback, or by who waited.
counters=$debugfs/rculist/counters
own() {
	for name in callbacks_run waited retired; do
		value $counters $name
	done | xargs >/tmp/before
	for how in call sync call; do
		echo "reclaim $how" >$debugfs/rculist/control
		echo 'add 1 0' >$debugfs/rculist/control
		echo 'del 1' >$debugfs/rculist/control
	done
	until_true 20 grep -q '^callbacks_pending 0' $counters || return
	read -r run waited retired </tmp/before
	same "callbacks run" $(($(value $counters callbacks_run) - run)) 2 || return
	same "waited" $(($(value $counters waited) - waited)) 1 || return
	same "retired" $(($(value $counters retired) - retired)) 3 || return
	same "callbacks queued" "$(value $counters callbacks_queued)" "$(value $counters callbacks_run)"
}
check "a module shows its own counters" own
load stall_torture
[ "$KERNEL" = debian ] || load rcu_bench
each() {
	for module in $loaded; do
		same "$module's lines" "$(grep -v '^#' "$debugfs/$module/counters" | cut -d ' ' -f 1 | xargs)" \
			"retired callbacks_queued callbacks_run callbacks_pending waited readers" || return
		grep -q '^domain  *seq  *completed  *readers  *state' "$debugfs/$module/srcu" || return
	done
}
check "each does, in one format" each

# A reader that sleeps in a module's domain is counted there, and where it is not, it is not.
readers() {
	echo "srcu secs=30" >$debugfs/stall_torture/trigger
	until_true 20 grep -q '^stall_srcu .* 1  in-flight$' $debugfs/stall_torture/srcu ||
		{ cat $debugfs/stall_torture/srcu; return 1; }
	same "readers" "$(value $debugfs/stall_torture/counters readers)" 1 || return
	same "others' readers" "$(value $debugfs/rculist/counters readers)" 0 || return
	echo 1 >$debugfs/stall_torture/abort
	await_idle
	same "readers then" "$(value $debugfs/stall_torture/counters readers)" 0
}
check "it counts its SRCU readers" readers
