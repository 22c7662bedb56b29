# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Bugs to order: each is noticed by the readers' check, by the list's own checks, by KASAN, by
# object debugging.
#
# In a boot of its own, as what KASAN reports switches lockdep off, and what was given to call_rcu()
# twice is never freed.
# kernels: lab debug
# append: kmemleak=off
# expect-bug: list_del corruption
# expect-bug: WARNING: lib/list_debug.c
# expect-bug: KASAN: slab-use-after-free
# expect-bug: ODEBUG: activate active
# expect-bug: ODEBUG: active_state active
# expect-bug: WARNING: lib/debugobjects.c
# expect-bug: call_rcu(): double
# deadline: 90

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 5
dir=$debugfs/rculist
control=$dir/control

refused_by_default() {
	load rculist
	refused $control "torture inject=early-free" "Operation not permitted" "inject=1"
	status=$?
	unload_all
	return $status
}
check "without the parameter there are no bugs" refused_by_default

insmod /lab/modules/rculist.ko inject=1 || exit
loaded=rculist

# run BUG: a torture run that has it.
run() {
	dmesg -c >/dev/null
	accepted $control "reclaim call" || return
	accepted $control "torture readers=2 updaters=2 secs=3 inject=$1" || return
	until_true 30 grep -q '^torture_threads 0' $dir/stats
}

# noticed WORDS: the kernel said so.
noticed() {
	dmesg | grep -q "$1" || {
		echo "the kernel did not say: $1"
		dmesg | tail
		return 1
	}
}

missing_barrier() {
	run missing-barrier || return
	[ "$(value $dir/stats violations_dead)" -gt 0 ] || { cat $dir/stats; return 1; }
}
check "a missing barrier is noticed by the readers" missing_barrier

double_remove() {
	run double-remove || return
	noticed "list_del corruption"
}
check "a double removal is noticed by the list" double_remove

if [ "$KERNEL" = debug ]; then
	check "a double call_rcu() is noticed by object debugging" noticed "ODEBUG: activate active"

	early_free() {
		run early-free || return
		noticed "KASAN: slab-use-after-free"
	}
	check "a free without a grace period is noticed by KASAN" early_free
else
	skip "a double call_rcu() is noticed by object debugging" "not in this kernel"
	skip "a free without a grace period is noticed by KASAN" "not in this kernel"
fi
