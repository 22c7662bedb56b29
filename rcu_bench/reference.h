/* SPDX-License-Identifier: GPL-2.0 */

#ifndef RCULAB_BENCH_REFERENCE_H
#define RCULAB_BENCH_REFERENCE_H

#include <linux/types.h>

/* The most rounds that one run may have; rcu_bench/reference.rs knows it too. */
#define RCULAB_BENCH_MOST 1000

/* Publishes what the readers read, and takes it back. */
int rculab_bench_begin(void);
void rculab_bench_end(void);

s64 rculab_bench_loop(unsigned int n);
s64 rculab_bench_empty(unsigned int n);
s64 rculab_bench_read(unsigned int n);
s64 rculab_bench_nested(unsigned int n);
s64 rculab_bench_bh(unsigned int n);
s64 rculab_bench_sched(unsigned int n);
s64 rculab_bench_srcu(unsigned int n);
s64 rculab_bench_srcu_down(unsigned int n);
s64 rculab_bench_srcu_nmisafe(unsigned int n);
s64 rculab_bench_srcu_fast(unsigned int n);
s64 rculab_bench_srcu_fast_updown(unsigned int n);
s64 rculab_bench_publish(unsigned int n);
s64 rculab_bench_replace(unsigned int n);
s64 rculab_bench_replace_one(unsigned int n);
s64 rculab_bench_call_rcu(unsigned int n);
s64 rculab_bench_kfree_rcu(unsigned int n);
s64 rculab_bench_update_call_rcu(unsigned int n);
s64 rculab_bench_update_kfree_rcu(unsigned int n);
s64 rculab_bench_synchronize(unsigned int n);
s64 rculab_bench_synchronize_expedited(unsigned int n);
s64 rculab_bench_poll(unsigned int n);

/* In lists.c. */
s64 rculab_bench_list_walk(unsigned int n);
s64 rculab_bench_hlist_walk(unsigned int n);
s64 rculab_bench_table_lookup(unsigned int n);
s64 rculab_bench_list_insert(unsigned int n);
s64 rculab_bench_hlist_insert(unsigned int n);
s64 rculab_bench_list_remove(unsigned int n);

#endif
