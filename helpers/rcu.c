// SPDX-License-Identifier: GPL-2.0

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/srcu.h>

__rculab_helper void rculab_rcu_read_lock_bh(void)
{
	rcu_read_lock_bh();
}

__rculab_helper void rculab_rcu_read_unlock_bh(void)
{
	rcu_read_unlock_bh();
}

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

/* The key is the caller's, so that lockdep tells one domain from another. */
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

__rculab_helper int rculab_srcu_read_lock(struct srcu_struct *ssp)
{
	return srcu_read_lock(ssp);
}

__rculab_helper void rculab_srcu_read_unlock(struct srcu_struct *ssp, int idx)
{
	srcu_read_unlock(ssp, idx);
}

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

__rculab_helper void rculab_cond_resched(void)
{
	cond_resched();
}
