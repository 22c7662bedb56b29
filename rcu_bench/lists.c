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

static __always_inline void append(struct entry *entry)
{
	list_add_tail_rcu(&entry->list, &list);
}

static __always_inline void push(struct entry *entry)
{
	list_add_rcu(&entry->list, &list);
}

static __always_inline void hpush(struct entry *entry)
{
	hlist_add_head_rcu(&entry->node, &hlist);
}

static void forget_all(void)
{
	INIT_LIST_HEAD(&list);
	INIT_HLIST_HEAD(&hlist);
	hash_init(table);
}

/* Times a walk of n entries. */
static __always_inline s64 time_walk(unsigned int n, void (*add)(struct entry *),
				     u64 (*walk)(void))
{
	cycles_t start;
	unsigned int i;
	s64 ticks;
	u64 sum;

	if (make_entries(n))
		return -ENOMEM;
	for (i = 0; i < n; i++)
		add(entries[i]);
	start = get_cycles();
	sum = walk();
	ticks = get_cycles() - start;
	OPTIMIZER_HIDE_VAR(sum);
	forget_all();
	free_entries(n);
	return ticks;
}

static __always_inline u64 walk(void)
{
	struct entry *entry;
	u64 sum = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(entry, &list, list)
		sum += entry->value;
	rcu_read_unlock();
	return sum;
}

static __always_inline u64 hwalk(void)
{
	struct entry *entry;
	u64 sum = 0;

	rcu_read_lock();
	hlist_for_each_entry_rcu(entry, &hlist, node)
		sum += entry->value;
	rcu_read_unlock();
	return sum;
}

s64 rculab_bench_list_walk(unsigned int n)
{
	return time_walk(n, append, walk);
}

s64 rculab_bench_hlist_walk(unsigned int n)
{
	return time_walk(n, hpush, hwalk);
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
	forget_all();
	free_entries(n);
	return ticks;
}

/* Times n insertions under the lock. */
static __always_inline s64 time_insert(unsigned int n, void (*add)(struct entry *))
{
	cycles_t start;
	unsigned int i;
	s64 ticks;

	if (make_entries(n))
		return -ENOMEM;
	spin_lock(&lock);
	start = get_cycles();
	for (i = 0; i < n; i++)
		add(entries[i]);
	ticks = get_cycles() - start;
	forget_all();
	spin_unlock(&lock);
	free_entries(n);
	return ticks;
}

s64 rculab_bench_list_insert(unsigned int n)
{
	return time_insert(n, push);
}

s64 rculab_bench_hlist_insert(unsigned int n)
{
	return time_insert(n, hpush);
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
