# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A tree of two levels, as events tell of it, against the kernel's own account (sysrq-y): its shape,
# and who still owes a quiescent state while a CPU, and then a task, holds a grace period up.
# kernels: lab debug
# cpus: 4
# append: rcutree.rcu_fanout_leaf=2 rcutree.sysrq_rcu=1
# deadline: 120
# expect-stall: yes

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 8
load rcu_demo stall_torture
rcu=$debugfs/rcu
cd /tmp || exit

check "it is switched on" accepted $rcu/enable 1

# What a grace period has touched: all of them, after the first.
shape() {
	same "the levels" "$(value $rcu/geometry levels)" 2 || return
	same "the nodes" "$(value $rcu/geometry nodes)" 3 || return
	same "the leaves" "$(value $rcu/geometry leaves)" "0-1 2-3" || return
	dmesg | grep 'Adjusting geometry for rcu_fanout_leaf=2, nr_cpu_ids=4'
}
check "its shape is what booting made of it" shape

drawn() {
	cat $rcu/rcuhier >tree
	same "the tree" "$(sed -n '/^level/,$ { s/^.\{74\}//; s/ cpu.*//; s/ tasks//; p }' tree)" "tree
0-3
├─ 0-1
└─ 2-3" || { cat tree; return 1; }
}
check "it is drawn as a tree" drawn

# In /tmp/tree the file, and in /tmp/says what the kernel says of the same grace period.
look() {
	before=$(value $rcu/rcugp current)
	cat $rcu/rcuhier >tree
	dmesg -c >/dev/null
	echo y >/proc/sysrq-trigger
	dmesg >says
	same "the grace period" "$(value $rcu/rcugp current)" "$before"
}

# ours FIRST LAST: whom the node waits for, and whether it waits for tasks, if it is told.
ours() {
	awk -v first="$1" -v last="$2" '$1 ~ /^[01]$/ && $2 == first && $3 == last { print $6, $7 }' tree
}

# theirs FIRST LAST: the same, of a node that the kernel has something to say of.
theirs() {
	sed -n "s/.*rcu_node $1:$2 .*->qsmask \(0x[0-9a-f]*\|0\) ...\([.G]\) .*/\1 \2/p" says |
		sed 's/^0 /0x0 /; s/G$/yes/; s/\.$/no/'
}

# both FIRST LAST EXPECTED
both() {
	same "our node $1-$2" "$(ours "$1" "$2")" "$3" || { cat tree; return 1; }
	same "the kernel's" "$(theirs "$1" "$2")" "$3" || { cat says; return 1; }
}

# held LEAF ROOT: while the scenario runs, CPU 3's leaf and the root wait for these.
held() {
	[ "$(cat $torture/status)" != idle ] && look && both 2 3 "$1" && both 0 3 "$2"
}

drawn_to_owe() {
	same "who owes" "$(sed -n 's/.*└─ //p' tree)" "$1"
}

wait_for_high_resolution
echo "preempt-off cpu=3 secs=60" >$torture/trigger
check "a CPU owes, at each level" until_true $((15 + EXTRA_DELAY)) held "0x2 no" "0x2 no"
others() {
	# The grace period waited for both leaves, and for all CPUs that were there; these have reported.
	same "the other leaf" "$(ours 0 1 | cut -d ' ' -f 1)" 0x0 || return
	same "the root, at first" "$(awk '$1 == 0 { print $5 }' tree)" 0x3 || return
	drawn_to_owe "2-3 cpu3"
}
check "and nobody else" others
echo 1 >$torture/abort
await_idle

# Preempted in its section by the tick, it holds up the leaf of the CPU on which that happened.
echo "reader cpu=3 secs=60" >$torture/trigger
check "a task blocks a leaf, and that the root" until_true $((15 + EXTRA_DELAY)) held "0x0 yes" "0x2 no"
check "and it is drawn there" drawn_to_owe "2-3 tasks"
echo 1 >$torture/abort
await_idle
passed() {
	[ "$(value $rcu/rcugp completed)" -ge "$before" ] || return
	cat $rcu/rcuhier >tree
	! grep -q tasks$ tree
}
check "then the grace period ends" until_true 20 passed
echo 0 >$rcu/enable
