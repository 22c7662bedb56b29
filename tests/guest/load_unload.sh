# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# The modules load and unload, in any order, and by themselves do nothing.
# kernels: debian lab debug lazy rt nohz strict tiny
# deadline: 60

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 6

each_alone() {
	for module in rcu_demo rculist stall_torture; do
		insmod "/lab/modules/$module.ko" || return
		rmmod "$module" || return
	done
}

in_order() {
	for module; do
		insmod "/lab/modules/$module.ko" || return
	done
	for module; do
		rmmod "$module" || return
	done
}

files_come_and_go() {
	for dir in rcu rcu_demo rculist stall_torture; do
		[ ! -e "$debugfs/$dir" ] || { echo "$dir was there before"; return 1; }
	done
	load rcu_demo rculist stall_torture
	for file in rcu/rcugp rcu_demo/route_table/control rcu_demo/srcu_domain/control \
		rculist/entries rculist/control rculist/stats rculist/last_error \
		stall_torture/scenarios stall_torture/trigger stall_torture/status \
		stall_torture/report stall_torture/abort stall_torture/last_error; do
		[ -f "$debugfs/$file" ] || { echo "$file is missing"; return 1; }
	done
	unload_all
	for dir in rcu rcu_demo rculist stall_torture; do
		[ ! -e "$debugfs/$dir" ] || { echo "$dir is still there"; return 1; }
	done
}

only_root() {
	load rcu_demo rculist stall_torture
	others=$(find $debugfs/rcu $debugfs/rcu_demo $debugfs/rculist $debugfs/stall_torture \
		-type f -perm +077)
	unload_all
	same "the list of files that others may touch" "$others" ""
}

nothing_happens() {
	load stall_torture
	sleep 1
	same "status" "$(cat $torture/status)" idle
	status=$?
	same "report" "$(cat $torture/report)" "no run is over yet" || status=1
	unload_all
	return $status
}

check "each loads and unloads alone" each_alone
check "together, in one order" in_order rcu_demo rculist stall_torture
check "together, in the other order" in_order stall_torture rculist rcu_demo
check "their files come and go with them" files_come_and_go
check "only root may read and write them" only_root
check "loading provokes nothing" nothing_happens
