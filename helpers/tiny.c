// SPDX-License-Identifier: GPL-2.0
/*
 * What Tiny RCU and Tiny SRCU have as inlines, and the tree versions as
 * functions. The structure of a state has another name in each series.
 */

#ifdef CONFIG_TINY_RCU
#include <linux/rcupdate.h>
#include <linux/srcu.h>

__rculab_helper void rculab_synchronize_rcu_expedited(void)
{
	synchronize_rcu_expedited();
}

__rculab_helper void rculab_get_state_synchronize_rcu_full(void *state)
{
	get_state_synchronize_rcu_full(state);
}

__rculab_helper void rculab_start_poll_synchronize_rcu_full(void *state)
{
	start_poll_synchronize_rcu_full(state);
}

__rculab_helper void
rculab_start_poll_synchronize_rcu_expedited_full(void *state)
{
	start_poll_synchronize_rcu_expedited_full(state);
}

__rculab_helper bool rculab_poll_state_synchronize_rcu_full(void *state)
{
	return poll_state_synchronize_rcu_full(state);
}

__rculab_helper int rculab_rcu_jiffies_till_stall_check(void)
{
	return rcu_jiffies_till_stall_check();
}

__rculab_helper int rculab___srcu_read_lock(struct srcu_struct *ssp)
{
	return __srcu_read_lock(ssp);
}

__rculab_helper void rculab_synchronize_srcu_expedited(struct srcu_struct *ssp)
{
	synchronize_srcu_expedited(ssp);
}

__rculab_helper void rculab_srcu_barrier(struct srcu_struct *ssp)
{
	srcu_barrier(ssp);
}

__rculab_helper void rculab_srcu_expedite_current(struct srcu_struct *ssp)
{
	srcu_expedite_current(ssp);
}

/*
 * The tree's sequence numbers have two bits for the state, this index has one:
 * here it is as if there were two.
 */
__rculab_helper unsigned long rculab_srcu_gp_seq(struct srcu_struct *ssp)
{
	unsigned long idx = READ_ONCE(ssp->srcu_idx);

	return (idx & ~1UL) << 1 | (idx & 1);
}
#endif
