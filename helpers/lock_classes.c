// SPDX-License-Identifier: GPL-2.0
/*
 * Initializing locks: all of a kind are one class to lockdep.
 */

#include <linux/seqlock.h>
#include <linux/spinlock.h>

void rculab_rwlock_init(rwlock_t *lock)
{
	rwlock_init(lock);
}

void rculab_seqlock_init(seqlock_t *lock)
{
	seqlock_init(lock);
}
