# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Four CPUs in two leaves below a root: the reports name the level and the CPUs of a leaf.
# kernels: debian lab
# cpus: 4
# warp: yes
# append: rcutree.rcu_fanout_leaf=2
# expect-stall: yes
# deadline: 120

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 3
load stall_torture
set_knob $stall_timeout 3

said() {
	grep -Eq "$1" /tmp/log || { grep rcu: /tmp/log; return 1; }
}

check "reader stalls" as_expected reader cpu=3 secs=5
# The long form if the task was not running just then: the one that looked had taken its CPU.
check "its task is blocked on level 1" said \
	'rcu: 	Tasks blocked on level-1 rcu_node \(CPUs 2-3\): P[0-9]+(/[0-9]+:b[.q][.e]l)?$'

nodes() {
	as_expected expedited-reader cpu=3 preemption=off secs=5 || return
	said 'rcu: blocking rcu_node structures \(internal RCU debug\): l=1:2-3:0x2/\.$'
}
check "an expedited grace period names the node" nodes

set_knob $stall_timeout 21
