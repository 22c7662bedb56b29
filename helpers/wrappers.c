// SPDX-License-Identifier: GPL-2.0

#include <linux/cpufeature.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/rcu_node_tree.h>
#include <linux/sched/signal.h>
#include <linux/timex.h>

__rculab_helper void rculab_preempt_disable(void)
{
	preempt_disable();
}

__rculab_helper void rculab_preempt_enable(void)
{
	preempt_enable();
}

__rculab_helper unsigned long rculab_local_irq_save(void)
{
	unsigned long flags;

	local_irq_save(flags);
	return flags;
}

__rculab_helper void rculab_local_irq_restore(unsigned long flags)
{
	local_irq_restore(flags);
}

__rculab_helper bool rculab_in_nmi(void)
{
	return in_nmi();
}

__rculab_helper bool rculab_in_hardirq(void)
{
	return in_hardirq();
}

__rculab_helper bool rculab_in_serving_softirq(void)
{
	return in_serving_softirq();
}

__rculab_helper struct task_struct *rculab_next_task(struct task_struct *p)
{
	return next_task(p);
}

/* Other architectures have no such bit: there, nobody can tell. */
__rculab_helper bool rculab_has_hypervisor(void)
{
#ifdef CONFIG_X86
	return boot_cpu_has(X86_FEATURE_HYPERVISOR);
#else
	return false;
#endif
}

__rculab_helper unsigned int rculab_rcu_fanout(void)
{
	return RCU_FANOUT;
}

__rculab_helper unsigned int rculab_rcu_fanout_leaf(void)
{
	return RCU_FANOUT_LEAF;
}

__rculab_helper unsigned int rculab_rcu_num_lvls(void)
{
	return RCU_NUM_LVLS;
}

__rculab_helper unsigned int rculab_num_rcu_nodes(void)
{
	return NUM_RCU_NODES;
}

__rculab_helper u64 rculab_get_cycles(void)
{
	return get_cycles();
}
