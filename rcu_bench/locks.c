// SPDX-License-Identifier: GPL-2.0
/*
 * The locks that kernel Rust does not have, for the comparison of throughput.
 */

#include <linux/seqlock.h>
#include <linux/spinlock.h>

#include "reference.h"

static DEFINE_RWLOCK(rwlock);
static DEFINE_SEQLOCK(seqlock);

void rculab_bench_read_lock(void)
{
	read_lock(&rwlock);
}

void rculab_bench_read_unlock(void)
{
	read_unlock(&rwlock);
}

void rculab_bench_write_lock(void)
{
	write_lock(&rwlock);
}

void rculab_bench_write_unlock(void)
{
	write_unlock(&rwlock);
}

unsigned int rculab_bench_read_seqbegin(void)
{
	return read_seqbegin(&seqlock);
}

bool rculab_bench_read_seqretry(unsigned int start)
{
	return read_seqretry(&seqlock, start);
}

void rculab_bench_write_seqlock(void)
{
	write_seqlock(&seqlock);
}

void rculab_bench_write_sequnlock(void)
{
	write_sequnlock(&seqlock);
}
