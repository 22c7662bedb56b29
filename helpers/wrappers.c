// SPDX-License-Identifier: GPL-2.0

#include <linux/bottom_half.h>
#include <linux/bug.h>
#include <linux/cpu.h>
#include <linux/cpufeature.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/tick.h>
#include <linux/timex.h>
#include <linux/utsname.h>

__rculab_helper void rculab_cpus_read_lock(void)
{
	cpus_read_lock();
}

__rculab_helper void rculab_cpus_read_unlock(void)
{
	cpus_read_unlock();
}

__rculab_helper void rculab_preempt_disable(void)
{
	preempt_disable();
}

__rculab_helper void rculab_preempt_enable(void)
{
	preempt_enable();
}

__rculab_helper void rculab_local_bh_disable(void)
{
	local_bh_disable();
}

__rculab_helper void rculab_local_bh_enable(void)
{
	local_bh_enable();
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

/* Other architectures have something of the kind, by another name: there, it only passes time. */
__rculab_helper void rculab_halt(void)
{
#ifdef CONFIG_X86
	native_halt();
#else
	cpu_relax();
#endif
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

__rculab_helper bool rculab_tick_nohz_full_cpu(unsigned int cpu)
{
	return tick_nohz_full_cpu(cpu);
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

/* Elsewhere nobody can tell, and it must not be taken for granted. */
__rculab_helper bool rculab_timers_may_broadcast(void)
{
#ifdef CONFIG_X86
	return boot_cpu_has(X86_FEATURE_ARAT);
#else
	return true;
#endif
}

__rculab_helper void rculab_warn(void)
{
	WARN_ON(true);
}

__rculab_helper u64 rculab_get_cycles(void)
{
	return get_cycles();
}

__rculab_helper const char *rculab_kernel_release(void)
{
	return init_utsname()->release;
}

__rculab_helper void rculab_tasklet_schedule(struct tasklet_struct *t)
{
	tasklet_schedule(t);
}
