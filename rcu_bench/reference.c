// SPDX-License-Identifier: GPL-2.0
/*
 * C's side of the benchmark: each function does its operation n times, as C
 * code does it that knows RCU, and returns what that took in ticks of the
 * CPU's clock, or a negative error. The Rust files beside this one do the same
 * work in the same order.
 */

#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <linux/timex.h>

#include "reference.h"

/* Laid out as rcuscale's, that is, as most objects of the kernel. */
struct object {
	u64 value;
	struct rcu_head head;
};

/* A cell, and what is to be published in it. */
struct slot {
	struct object __rcu *cell;
	struct object *new;
};

/* What is to be published in a cell, and what that unlinks. */
struct turn {
	struct object *new;
	struct object *old;
};

static struct object __rcu *published;
static struct object *objects[RCULAB_BENCH_MOST];
static struct slot slots[RCULAB_BENCH_MOST];
static struct turn turns[RCULAB_BENCH_MOST];
static DEFINE_MUTEX(lock);

DEFINE_STATIC_SRCU(srcu_normal);
DEFINE_STATIC_SRCU(srcu_nmisafe);
DEFINE_STATIC_SRCU_FAST(srcu_fast);
DEFINE_STATIC_SRCU_FAST_UPDOWN(srcu_fast_updown);

/* Times n rounds of body. */
#define TIMES(n, body)					\
({							\
	unsigned int left = (n);			\
	cycles_t start = get_cycles();			\
							\
	do {						\
		body;					\
	} while (--left);				\
	(s64)(get_cycles() - start);			\
})

/* What a reader does with the pointer that it follows. */
static __always_inline u64 look(const struct object *object)
{
	return object ? object->value : 0;
}

s64 rculab_bench_loop(unsigned int n)
{
	return TIMES(n, barrier());
}

/* Times n rounds of a reader of some flavour. */
#define TIMES_READING(n, lock, dereference, unlock)	\
({							\
	u64 sum = 0;					\
	s64 ticks = TIMES(n, {				\
		lock();					\
		sum += look(dereference(published));	\
		unlock();				\
	});						\
							\
	OPTIMIZER_HIDE_VAR(sum);			\
	ticks;						\
})

s64 rculab_bench_read(unsigned int n)
{
	return TIMES_READING(n, rcu_read_lock, rcu_dereference, rcu_read_unlock);
}

s64 rculab_bench_empty(unsigned int n)
{
	return TIMES(n, {
		rcu_read_lock();
		rcu_read_unlock();
	});
}

s64 rculab_bench_nested(unsigned int n)
{
	u64 sum = 0;
	s64 ticks = TIMES(n, {
		rcu_read_lock();
		rcu_read_lock();
		sum += look(rcu_dereference(published));
		rcu_read_unlock();
		rcu_read_unlock();
	});

	OPTIMIZER_HIDE_VAR(sum);
	return ticks;
}

s64 rculab_bench_bh(unsigned int n)
{
	return TIMES_READING(n, rcu_read_lock_bh, rcu_dereference_bh, rcu_read_unlock_bh);
}

s64 rculab_bench_sched(unsigned int n)
{
	return TIMES_READING(n, rcu_read_lock_sched, rcu_dereference_sched,
			     rcu_read_unlock_sched);
}

s64 rculab_bench_srcu(unsigned int n)
{
	return TIMES(n, {
		int token = srcu_read_lock(&srcu_normal);

		srcu_read_unlock(&srcu_normal, token);
	});
}

s64 rculab_bench_srcu_down(unsigned int n)
{
	return TIMES(n, {
		int token = srcu_down_read(&srcu_normal);

		srcu_up_read(&srcu_normal, token);
	});
}

s64 rculab_bench_srcu_nmisafe(unsigned int n)
{
	return TIMES(n, {
		int token = srcu_read_lock_nmisafe(&srcu_nmisafe);

		srcu_read_unlock_nmisafe(&srcu_nmisafe, token);
	});
}

s64 rculab_bench_srcu_fast(unsigned int n)
{
	return TIMES(n, {
		struct srcu_ctr __percpu *token = srcu_read_lock_fast(&srcu_fast);

		srcu_read_unlock_fast(&srcu_fast, token);
	});
}

s64 rculab_bench_srcu_fast_updown(unsigned int n)
{
	return TIMES(n, {
		struct srcu_ctr __percpu *token = srcu_read_lock_fast_updown(&srcu_fast_updown);

		srcu_read_unlock_fast_updown(&srcu_fast_updown, token);
	});
}

static struct object *make_object(void)
{
	struct object *object = kmalloc(sizeof(*object), GFP_KERNEL);

	if (object)
		object->value = 0;
	return object;
}

/* Objects for one run. */
static int make_objects(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		objects[i] = make_object();
		if (!objects[i]) {
			while (i--)
				kfree(objects[i]);
			return -ENOMEM;
		}
	}
	return 0;
}

static void free_object(struct rcu_head *head)
{
	kfree(container_of(head, struct object, head));
}

s64 rculab_bench_publish(unsigned int n)
{
	struct slot *slot = slots;
	unsigned int i;
	s64 ticks;

	if (make_objects(n))
		return -ENOMEM;
	for (i = 0; i < n; i++)
		slots[i].new = objects[i];
	ticks = TIMES(n, {
		struct object *new = slot->new;
		struct object *old;

		slot->new = NULL;
		old = unrcu_pointer(xchg(&slot->cell, RCU_INITIALIZER(new)));
		if (old)
			kfree_rcu(old, head);
		slot++;
	});
	for (i = 0; i < n; i++)
		kfree(unrcu_pointer(xchg(&slots[i].cell, NULL)));
	return ticks;
}

s64 rculab_bench_replace(unsigned int n)
{
	struct slot *slot = slots;
	unsigned int i;
	s64 ticks;

	if (make_objects(n))
		return -ENOMEM;
	for (i = 0; i < n; i++)
		slots[i].new = objects[i];
	mutex_lock(&lock);
	ticks = TIMES(n, {
		struct object *new = slot->new;
		struct object *old;

		slot->new = NULL;
		old = rcu_replace_pointer(slot->cell, new, lockdep_is_held(&lock));
		if (old)
			kfree_rcu(old, head);
		slot++;
	});
	mutex_unlock(&lock);
	for (i = 0; i < n; i++)
		kfree(unrcu_pointer(xchg(&slots[i].cell, NULL)));
	return ticks;
}

/* One cell, whose old pointers are kept: retiring is measured by itself. */
s64 rculab_bench_replace_one(unsigned int n)
{
	struct object __rcu *cell = NULL;
	struct turn *turn = turns;
	unsigned int i;
	s64 ticks;

	if (make_objects(n))
		return -ENOMEM;
	for (i = 0; i < n; i++)
		turns[i].new = objects[i];
	mutex_lock(&lock);
	ticks = TIMES(n, {
		struct object *new = turn->new;

		turn->new = NULL;
		turn->old = rcu_replace_pointer(cell, new, lockdep_is_held(&lock));
		turn++;
	});
	mutex_unlock(&lock);
	for (i = 0; i < n; i++)
		kfree(turns[i].old);
	kfree(unrcu_pointer(cell));
	return ticks;
}

s64 rculab_bench_call_rcu(unsigned int n)
{
	struct object **next = objects;
	s64 ticks;

	if (make_objects(n))
		return -ENOMEM;
	ticks = TIMES(n, {
		call_rcu(&(*next)->head, free_object);
		next++;
	});
	rcu_barrier();
	return ticks;
}

s64 rculab_bench_kfree_rcu(unsigned int n)
{
	struct object **next = objects;
	s64 ticks;

	if (make_objects(n))
		return -ENOMEM;
	ticks = TIMES(n, {
		kfree_rcu(*next, head);
		next++;
	});
	/* So that nothing is freed while the next operation is measured. */
#ifdef HAS_KVFREE_RCU_BARRIER
	kvfree_rcu_barrier();
#else
	rcu_barrier();
#endif
	return ticks;
}

/* Allocates, publishes and returns what was there. */
static __always_inline struct object *update(struct object __rcu **cell)
{
	struct object *new = make_object();

	if (!new)
		return NULL;
	return unrcu_pointer(xchg(cell, RCU_INITIALIZER(new)));
}

s64 rculab_bench_update_call_rcu(unsigned int n)
{
	struct object __rcu *cell = NULL;
	s64 ticks = TIMES(n, {
		struct object *old = update(&cell);

		if (old)
			call_rcu(&old->head, free_object);
	});

	kfree(unrcu_pointer(cell));
	return ticks;
}

s64 rculab_bench_update_kfree_rcu(unsigned int n)
{
	struct object __rcu *cell = NULL;
	s64 ticks = TIMES(n, {
		struct object *old = update(&cell);

		if (old)
			kfree_rcu(old, head);
	});

	kfree(unrcu_pointer(cell));
	return ticks;
}

s64 rculab_bench_synchronize(unsigned int n)
{
	return TIMES(n, synchronize_rcu());
}

s64 rculab_bench_synchronize_expedited(unsigned int n)
{
	return TIMES(n, synchronize_rcu_expedited());
}

/* The reader that is inside keeps the grace period from ending. */
s64 rculab_bench_poll(unsigned int n)
{
	/* Two numbers, of a structure that each series calls differently. */
	unsigned long state[2];
	void *cookie = state;
	unsigned int ended = 0;
	s64 ticks;

	rcu_read_lock();
	start_poll_synchronize_rcu_full(cookie);
	ticks = TIMES(n, ended += poll_state_synchronize_rcu_full(cookie));
	rcu_read_unlock();
	return ended ? -EBUSY : ticks;
}

int rculab_bench_begin(void)
{
	struct object *object = make_object();

	if (!object)
		return -ENOMEM;
	rcu_assign_pointer(published, object);
	return 0;
}

void rculab_bench_end(void)
{
	struct object *object = unrcu_pointer(xchg(&published, NULL));

	synchronize_rcu();
	kfree(object);
}
