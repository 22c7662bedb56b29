// SPDX-License-Identifier: GPL-2.0

#include <linux/seqlock.h>
#include <linux/spinlock.h>

__rculab_helper void rculab_read_lock(rwlock_t *lock)
{
	read_lock(lock);
}

__rculab_helper void rculab_read_unlock(rwlock_t *lock)
{
	read_unlock(lock);
}

__rculab_helper void rculab_write_lock(rwlock_t *lock)
{
	write_lock(lock);
}

__rculab_helper void rculab_write_unlock(rwlock_t *lock)
{
	write_unlock(lock);
}

__rculab_helper unsigned int rculab_read_seqbegin(const seqlock_t *lock)
{
	return read_seqbegin(lock);
}

__rculab_helper bool rculab_read_seqretry(const seqlock_t *lock, unsigned int start)
{
	return read_seqretry(lock, start);
}

__rculab_helper void rculab_write_seqlock(seqlock_t *lock)
{
	write_seqlock(lock);
}

__rculab_helper void rculab_write_sequnlock(seqlock_t *lock)
{
	write_sequnlock(lock);
}
