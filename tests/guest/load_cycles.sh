# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Cycles of loading, working and unloading. What they would leave behind is looked for at the end of
# each debug boot.
# kernels: lab debug tiny
# deadline: 120

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 1
cycles=40
[ -z "$FULL" ] || cycles=500

# Removals whose callbacks are pending when the module goes.
one_cycle() {
	for module in rcu_demo rculist stall_torture; do
		insmod "/lab/modules/$module.ko" || return
	done
	echo 'add 10.0.0.0/8 10.0.0.1' >$debugfs/rcu_demo/route_table/control || return
	echo 'del 10.0.0.0/8 call' >$debugfs/rcu_demo/route_table/control || return
	echo 'fill 50' >$debugfs/rculist/control || return
	echo 'clear' >$debugfs/rculist/control || return
	for module in stall_torture rculist rcu_demo; do
		rmmod "$module" || return
	done
}

all_cycles() {
	cycle=0
	while [ $cycle -lt $cycles ]; do
		cycle=$((cycle + 1))
		one_cycle || { echo "in cycle $cycle"; return 1; }
	done
}

check "$cycles cycles" all_cycles
