// SPDX-License-Identifier: GPL-2.0
/*
 * Running a function in a non-maskable interrupt, which a CPU sends to itself.
 * Only x86 lets a module do so.
 */

#include <linux/errno.h>

#ifdef CONFIG_X86_LOCAL_APIC
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/preempt.h>

#include <asm/apic.h>
#include <asm/nmi.h>

struct nmi_call {
	void (*func)(void *arg);
	void *arg;
	/* An NMI was sent and did not come yet: it is ours, however late it comes. */
	bool due;
};

static DEFINE_PER_CPU(struct nmi_call, nmi_call);
static DEFINE_MUTEX(nmi_lock);
static unsigned int nmi_users;

static int handle_nmi(unsigned int cmd, struct pt_regs *regs)
{
	void (*func)(void *arg);

	if (!this_cpu_xchg(nmi_call.due, false))
		return NMI_DONE;
	func = this_cpu_xchg(nmi_call.func, NULL);
	/* Whoever sent it may have lost patience. */
	if (func)
		func(this_cpu_read(nmi_call.arg));
	return NMI_HANDLED;
}

/*
 * As long as there are users the module does not unload, should one forget to put. That is all the
 * reference is for: who puts is code of the module, which something else keeps there until it has
 * returned.
 */
int rculab_nmi_get(void)
{
	int cpu, ret = 0;

	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	mutex_lock(&nmi_lock);
	if (!nmi_users) {
		/* What came while there was no handler will not come again. */
		for_each_possible_cpu(cpu)
			per_cpu(nmi_call.due, cpu) = false;
		ret = register_nmi_handler(NMI_LOCAL, handle_nmi, 0, THIS_MODULE->name);
	}
	if (!ret)
		nmi_users++;
	mutex_unlock(&nmi_lock);
	if (ret)
		module_put(THIS_MODULE);
	return ret;
}

void rculab_nmi_put(void)
{
	mutex_lock(&nmi_lock);
	/* Waits until no CPU is in the handler any more. */
	if (!--nmi_users)
		unregister_nmi_handler(NMI_LOCAL, THIS_MODULE->name);
	mutex_unlock(&nmi_lock);
	module_put(THIS_MODULE);
}

int rculab_nmi_run(void (*func)(void *arg), void *arg)
{
	unsigned int patience = 1000000;
	unsigned long flags;
	int ret;

	/* What is called must not call: no NMI comes in an NMI. */
	if (in_nmi())
		return -EBUSY;
	/* So that the NMI finds this CPU here, and nothing half done. */
	local_irq_save(flags);
	/* A second NMI would be nobody's if the first one, which is late, served this call. */
	if (this_cpu_read(nmi_call.due)) {
		local_irq_restore(flags);
		return -EBUSY;
	}
	this_cpu_write(nmi_call.arg, arg);
	this_cpu_write(nmi_call.func, func);
	barrier();
	this_cpu_write(nmi_call.due, true);
	__apic_send_IPI_mask(cpumask_of(smp_processor_id()), NMI_VECTOR);
	while (this_cpu_read(nmi_call.func) && --patience)
		cpu_relax();
	ret = this_cpu_xchg(nmi_call.func, NULL) ? -ETIME : 0;
	local_irq_restore(flags);
	return ret;
}
#else
int rculab_nmi_get(void)
{
	return -EOPNOTSUPP;
}

void rculab_nmi_put(void)
{
}

int rculab_nmi_run(void (*func)(void *arg), void *arg)
{
	return -EOPNOTSUPP;
}
#endif
