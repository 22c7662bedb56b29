// SPDX-License-Identifier: GPL-2.0

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/srcu.h>

/* It uses what srcu.h declares, and does not include it. */
#include <linux/rcupdate_trace.h>

/*
 * PREEMPT_RT looks at preemption where softirqs are disabled, and again where
 * they are enabled, and takes for granted that it has not changed. Guards are
 * dropped in any order, so that there it would leave a reader that was never
 * entered. A plain reader is what is left of the section.
 */
#ifdef CONFIG_PREEMPT_RT
__rculab_helper void rculab_rcu_read_lock_bh(void)
{
	rcu_read_lock();
	rcu_lock_acquire(&rcu_bh_lock_map);
}

__rculab_helper void rculab_rcu_read_unlock_bh(void)
{
	rcu_lock_release(&rcu_bh_lock_map);
	rcu_read_unlock();
}
#else
__rculab_helper void rculab_rcu_read_lock_bh(void)
{
	rcu_read_lock_bh();
}

__rculab_helper void rculab_rcu_read_unlock_bh(void)
{
	rcu_read_unlock_bh();
}
#endif

__rculab_helper void rculab_rcu_read_lock_sched(void)
{
	rcu_read_lock_sched();
}

__rculab_helper void rculab_rcu_read_unlock_sched(void)
{
	rcu_read_unlock_sched();
}

__rculab_helper void rculab_assert_in_rcu_read_lock(void)
{
	lockdep_assert_in_rcu_read_lock();
}

__rculab_helper void rculab_assert_in_rcu_read_lock_bh(void)
{
	lockdep_assert_in_rcu_read_lock_bh();
}

__rculab_helper void rculab_assert_in_rcu_read_lock_sched(void)
{
	lockdep_assert_in_rcu_read_lock_sched();
}

__rculab_helper void rculab_assert_in_rcu_reader(void)
{
	lockdep_assert_in_rcu_reader();
}

/* The keys are the callers', so that lockdep tells one domain from another. */
__rculab_helper int
rculab_init_srcu_struct(struct srcu_struct *ssp, const char *name,
			struct lock_class_key *key)
{
#ifdef CONFIG_DEBUG_LOCK_ALLOC
	return __init_srcu_struct(ssp, name, key);
#else
	return init_srcu_struct(ssp);
#endif
}

__rculab_helper int
rculab_init_srcu_struct_fast(struct srcu_struct *ssp, const char *name,
			     struct lock_class_key *key)
{
#ifdef CONFIG_DEBUG_LOCK_ALLOC
	return __init_srcu_struct_fast(ssp, name, key);
#else
	return init_srcu_struct_fast(ssp);
#endif
}

__rculab_helper int
rculab_init_srcu_struct_fast_updown(struct srcu_struct *ssp, const char *name,
				    struct lock_class_key *key)
{
#ifdef CONFIG_DEBUG_LOCK_ALLOC
	return __init_srcu_struct_fast_updown(ssp, name, key);
#else
	return init_srcu_struct_fast_updown(ssp);
#endif
}

__rculab_helper int rculab_srcu_read_lock(struct srcu_struct *ssp)
{
	return srcu_read_lock(ssp);
}

__rculab_helper void rculab_srcu_read_unlock(struct srcu_struct *ssp, int idx)
{
	srcu_read_unlock(ssp, idx);
}

__rculab_helper int rculab_srcu_read_lock_nmisafe(struct srcu_struct *ssp)
{
	return srcu_read_lock_nmisafe(ssp);
}

__rculab_helper void
rculab_srcu_read_unlock_nmisafe(struct srcu_struct *ssp, int idx)
{
	srcu_read_unlock_nmisafe(ssp, idx);
}

__rculab_helper int rculab_srcu_down_read(struct srcu_struct *ssp)
{
	return srcu_down_read(ssp);
}

__rculab_helper void rculab_srcu_up_read(struct srcu_struct *ssp, int idx)
{
	srcu_up_read(ssp, idx);
}

__rculab_helper struct srcu_ctr __percpu *
rculab_srcu_read_lock_fast(struct srcu_struct *ssp)
{
	return srcu_read_lock_fast(ssp);
}

__rculab_helper void
rculab_srcu_read_unlock_fast(struct srcu_struct *ssp,
			     struct srcu_ctr __percpu *scp)
{
	srcu_read_unlock_fast(ssp, scp);
}

__rculab_helper struct srcu_ctr __percpu *
rculab_srcu_read_lock_fast_updown(struct srcu_struct *ssp)
{
	return srcu_read_lock_fast_updown(ssp);
}

__rculab_helper void
rculab_srcu_read_unlock_fast_updown(struct srcu_struct *ssp,
				    struct srcu_ctr __percpu *scp)
{
	srcu_read_unlock_fast_updown(ssp, scp);
}

__rculab_helper struct srcu_ctr __percpu *
rculab_srcu_down_read_fast(struct srcu_struct *ssp)
{
	return srcu_down_read_fast(ssp);
}

__rculab_helper void
rculab_srcu_up_read_fast(struct srcu_struct *ssp, struct srcu_ctr __percpu *scp)
{
	srcu_up_read_fast(ssp, scp);
}

__rculab_helper int rculab_srcu_read_lock_held(struct srcu_struct *ssp)
{
	return srcu_read_lock_held(ssp);
}

__rculab_helper void rculab_assert_in_srcu_read_lock(struct srcu_struct *ssp)
{
	RCU_LOCKDEP_WARN(!srcu_read_lock_held(ssp),
			 "not in an SRCU read-side critical section");
}

#ifdef CONFIG_TASKS_TRACE_RCU
__rculab_helper void rculab_rcu_read_lock_trace(void)
{
	rcu_read_lock_trace();
}

__rculab_helper void rculab_rcu_read_unlock_trace(void)
{
	rcu_read_unlock_trace();
}

__rculab_helper int rculab_rcu_read_lock_trace_held(void)
{
	return rcu_read_lock_trace_held();
}

__rculab_helper void rculab_synchronize_rcu_tasks_trace(void)
{
	synchronize_rcu_tasks_trace();
}

__rculab_helper void rculab_rcu_barrier_tasks_trace(void)
{
	rcu_barrier_tasks_trace();
}

__rculab_helper void
rculab_call_rcu_tasks_trace(struct rcu_head *head, rcu_callback_t func)
{
	call_rcu_tasks_trace(head, func);
}

__rculab_helper void rculab_rcu_tasks_trace_expedite_current(void)
{
	rcu_tasks_trace_expedite_current();
}
#endif

__rculab_helper bool
rculab_list_add_valid(struct list_head *new, struct list_head *prev,
		      struct list_head *next)
{
	return __list_add_valid(new, prev, next);
}

__rculab_helper bool rculab_list_del_valid(struct list_head *entry)
{
	return __list_del_entry_valid(entry);
}

/*
 * How many read in a domain. Who left had entered: in this order the difference
 * is never negative.
 */
__rculab_helper unsigned long rculab_srcu_readers(struct srcu_struct *ssp)
{
	unsigned long entered = 0, left = 0;
#ifdef CONFIG_TREE_SRCU
	struct srcu_ctr *ctrs;
	int cpu;

	for_each_possible_cpu(cpu) {
		ctrs = per_cpu_ptr(ssp->sda, cpu)->srcu_ctrs;
		left += atomic_long_read(&ctrs[0].srcu_unlocks);
		left += atomic_long_read(&ctrs[1].srcu_unlocks);
	}
	smp_rmb(); /* Whose leaving was seen, their entering is seen below. */
	for_each_possible_cpu(cpu) {
		ctrs = per_cpu_ptr(ssp->sda, cpu)->srcu_ctrs;
		entered += atomic_long_read(&ctrs[0].srcu_locks);
		entered += atomic_long_read(&ctrs[1].srcu_locks);
	}
#else
	entered = READ_ONCE(ssp->srcu_lock_nesting[0]) + READ_ONCE(ssp->srcu_lock_nesting[1]);
#endif
	return entered - left;
}

__rculab_helper void rculab_cond_resched(void)
{
	cond_resched();
}
