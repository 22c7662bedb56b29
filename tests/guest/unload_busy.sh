# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Unloading waits for what is under way: callbacks, readers, updaters, a stall.
# deadline: 90

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 5

with_pending_callbacks() {
	for reclaim in call poll; do
		insmod /lab/modules/rculist.ko || return
		echo "reclaim $reclaim" >$debugfs/rculist/control || return
		echo 'fill 4000' >$debugfs/rculist/control || return
		echo 'clear' >$debugfs/rculist/control || return
		rmmod rculist || return
	done
}

with_a_full_list() {
	insmod /lab/modules/rculist.ko || return
	echo 'fill 4000' >$debugfs/rculist/control || return
	rmmod rculist
}

with_list_torture() {
	insmod /lab/modules/rculist.ko || return
	echo 'torture readers=2 updaters=2 secs=60' >$debugfs/rculist/control || return
	sleep 0.5
	rmmod rculist
}

with_route_readers() {
	insmod /lab/modules/rcu_demo.ko || return
	echo 'readers 4' >$debugfs/rcu_demo/route_table/control || return
	echo 'add 10.0.0.0/8 10.0.0.1' >$debugfs/rcu_demo/route_table/control || return
	sleep 0.2
	echo 'del 10.0.0.0/8 call' >$debugfs/rcu_demo/route_table/control || return
	rmmod rcu_demo
}

# All of them sooner than one by itself: stalls are ended, not waited for.
with_a_stall() {
	read -r before _ </proc/uptime
	for scenario in reader preempt-off irqs-off hrtimer-storm; do
		insmod /lab/modules/stall_torture.ko || return
		echo "$scenario secs=60" >$torture/trigger || return
		sleep 0.5
		rmmod stall_torture || return
	done
	read -r after _ </proc/uptime
	took=$((${after%.*} - ${before%.*}))
	[ $took -lt 60 ] || { echo "it took $took s"; return 1; }
}

check "with callbacks pending" with_pending_callbacks
check "with a full list" with_a_full_list
check "with readers and updaters of the list" with_list_torture
check "with readers of the route table" with_route_readers
check "with a stall running" with_a_stall
