// SPDX-License-Identifier: GPL-2.0
// undefined: a_retired_pointer_without_rcu_head_is_dropped__spend_it_with_synchronize

//! An `Arc` has no room for a callback: the cell's reference is to be waited for.

use kernel::sync::Arc;
use rcu::{Retired, Vanilla};

pub fn reclaim(old: Retired<Arc<u32>, Vanilla>) {
    drop(old.synchronize());
}
