// SPDX-License-Identifier: GPL-2.0
/*
 * Tracepoints. Their probes are Rust functions, in wrappers/tracepoint/, and are
 * registered as bare pointers: this is where the compiler sees what this
 * kernel's tracepoints pass, and refuses another kernel's.
 */

#include <linux/rcu_segcblist.h>
#include <linux/tracepoint.h>
#include <trace/events/printk.h>
#include <trace/events/rcu.h>

#define PASSES(event, ...)						\
	check_trace_callback_type_##event((void (*)(void *, __VA_ARGS__))NULL)

static void __maybe_unused what_tracepoints_pass(void)
{
	PASSES(console, const char *, size_t);
#ifdef CONFIG_TREE_RCU
	PASSES(rcu_stall_warning, const char *, const char *);
#endif
#if defined(CONFIG_RCU_TRACE) && defined(CONFIG_TREE_RCU)
	PASSES(rcu_grace_period, const char *, unsigned long, const char *);
	PASSES(rcu_grace_period_init, const char *, unsigned long, u8, int, int,
	       unsigned long);
	PASSES(rcu_quiescent_state_report, const char *, unsigned long,
	       unsigned long, unsigned long, u8, int, int, int);
	PASSES(rcu_fqs, const char *, unsigned long, int, const char *);
	PASSES(rcu_exp_grace_period, const char *, unsigned long, const char *);
	PASSES(rcu_exp_funnel_lock, const char *, u8, int, int, const char *);
	PASSES(rcu_barrier, const char *, const char *, int, int, unsigned long);
	PASSES(rcu_segcb_stats, struct rcu_segcblist *, const char *);
	PASSES(rcu_batch_start, const char *, long, long);
	PASSES(rcu_batch_end, const char *, int, char, char, char, char);
	PASSES(rcu_watching, const char *, long, long, int);
	PASSES(rcu_torture_read, const char *, struct rcu_head *, unsigned long,
	       unsigned long, unsigned long);
#endif
}

void rculab_tracepoint_synchronize_unregister(void)
{
	tracepoint_synchronize_unregister();
}
