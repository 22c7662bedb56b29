// SPDX-License-Identifier: GPL-2.0
/*
 * C's side of the benchmark of lists: as reference.c, for n entries.
 */

#include <linux/hashtable.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timex.h>

#include "reference.h"

struct entry {
	struct rcu_head head;
	union {
		struct list_head list;
		struct hlist_node node;
	};
	u64 key;
	u64 value;
};

static struct entry *entries[RCULAB_BENCH_MOST];
static DEFINE_SPINLOCK(lock);
static LIST_HEAD(list);
static HLIST_HEAD(hlist);
static DEFINE_HASHTABLE(table, 8);

static int make_entries(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		entries[i] = kmalloc_obj(*entries[i]);
		if (!entries[i]) {
			while (i--)
				kfree(entries[i]);
			return -ENOMEM;
		}
		entries[i]->key = i;
		entries[i]->value = i;
	}
	return 0;
}

static void free_entries(unsigned int n)
{
	while (n--)
		kfree(entries[n]);
}

s64 rculab_bench_list_walk(unsigned int n)
{
	struct entry *entry;
	cycles_t start;
	unsigned int i;
	u64 sum = 0;
	s64 ticks;

	if (make_entries(n))
		return -ENOMEM;
	for (i = 0; i < n; i++)
		list_add_tail_rcu(&entries[i]->list, &list);
	start = get_cycles();
	rcu_read_lock();
	list_for_each_entry_rcu(entry, &list, list)
		sum += entry->value;
	rcu_read_unlock();
	ticks = get_cycles() - start;
	OPTIMIZER_HIDE_VAR(sum);
	INIT_LIST_HEAD(&list);
	free_entries(n);
	return ticks;
}

s64 rculab_bench_hlist_walk(unsigned int n)
{
	struct entry *entry;
	cycles_t start;
	unsigned int i;
	u64 sum = 0;
	s64 ticks;

	if (make_entries(n))
		return -ENOMEM;
	for (i = 0; i < n; i++)
		hlist_add_head_rcu(&entries[i]->node, &hlist);
	start = get_cycles();
	rcu_read_lock();
	hlist_for_each_entry_rcu(entry, &hlist, node)
		sum += entry->value;
	rcu_read_unlock();
	ticks = get_cycles() - start;
	OPTIMIZER_HIDE_VAR(sum);
	INIT_HLIST_HEAD(&hlist);
	free_entries(n);
	return ticks;
}

static __always_inline struct entry *find(u64 key)
{
	struct entry *entry;

	hash_for_each_possible_rcu(table, entry, node, key)
		if (entry->key == key)
			return entry;
	return NULL;
}

s64 rculab_bench_table_lookup(unsigned int n)
{
	cycles_t start;
	unsigned int i;
	u64 sum = 0;
	s64 ticks;

	if (make_entries(n))
		return -ENOMEM;
	for (i = 0; i < n; i++)
		hash_add_rcu(table, &entries[i]->node, entries[i]->key);
	start = get_cycles();
	for (i = 0; i < n; i++) {
		struct entry *entry;

		rcu_read_lock();
		entry = find(i);
		sum += entry ? entry->value : 0;
		rcu_read_unlock();
	}
	ticks = get_cycles() - start;
	OPTIMIZER_HIDE_VAR(sum);
	hash_init(table);
	free_entries(n);
	return ticks;
}

s64 rculab_bench_list_insert(unsigned int n)
{
	cycles_t start;
	unsigned int i;
	s64 ticks;

	if (make_entries(n))
		return -ENOMEM;
	spin_lock(&lock);
	start = get_cycles();
	for (i = 0; i < n; i++)
		list_add_rcu(&entries[i]->list, &list);
	ticks = get_cycles() - start;
	INIT_LIST_HEAD(&list);
	spin_unlock(&lock);
	free_entries(n);
	return ticks;
}

s64 rculab_bench_hlist_insert(unsigned int n)
{
	cycles_t start;
	unsigned int i;
	s64 ticks;

	if (make_entries(n))
		return -ENOMEM;
	spin_lock(&lock);
	start = get_cycles();
	for (i = 0; i < n; i++)
		hlist_add_head_rcu(&entries[i]->node, &hlist);
	ticks = get_cycles() - start;
	INIT_HLIST_HEAD(&hlist);
	spin_unlock(&lock);
	free_entries(n);
	return ticks;
}

s64 rculab_bench_list_remove(unsigned int n)
{
	struct entry *entry, *next;
	cycles_t start;
	unsigned int i;
	s64 ticks;

	if (make_entries(n))
		return -ENOMEM;
	for (i = 0; i < n; i++)
		list_add_rcu(&entries[i]->list, &list);
	spin_lock(&lock);
	start = get_cycles();
	list_for_each_entry_safe(entry, next, &list, list) {
		list_del_rcu(&entry->list);
		kfree_rcu(entry, head);
	}
	ticks = get_cycles() - start;
	spin_unlock(&lock);
	return ticks;
}
