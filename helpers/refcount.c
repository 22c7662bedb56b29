// SPDX-License-Identifier: GPL-2.0

#include <linux/refcount.h>

__rculab_helper bool rculab_refcount_inc_not_zero(refcount_t *r)
{
	return refcount_inc_not_zero(r);
}

__rculab_helper bool rculab_refcount_inc_not_zero_acquire(refcount_t *r)
{
	return refcount_inc_not_zero_acquire(r);
}

__rculab_helper void rculab_refcount_set_release(refcount_t *r, int n)
{
	refcount_set_release(r, n);
}
