// SPDX-License-Identifier: GPL-2.0
/*
 * The functions that a kernel with CONFIG_RUST_INLINE_HELPERS copies into each
 * Rust object that calls them, as it does with its own helpers. What stands
 * here must do without static variables: each copy would have its own.
 */

#define __rculab_helper __always_inline

#include "locks.c"
#include "rcu.c"
#include "refcount.c"
#include "tiny.c"
#include "tree.c"
#include "wrappers.c"
