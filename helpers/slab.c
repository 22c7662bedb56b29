// SPDX-License-Identifier: GPL-2.0

#include <linux/slab.h>

struct kmem_cache *rculab_kmem_cache_create_typesafe(const char *name,
						     unsigned int size,
						     unsigned int align)
{
	return kmem_cache_create(name, size, align, SLAB_TYPESAFE_BY_RCU, NULL);
}

void *rculab_kmem_cache_alloc(struct kmem_cache *s, gfp_t flags)
{
	return kmem_cache_alloc(s, flags);
}
