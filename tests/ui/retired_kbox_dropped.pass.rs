// SPDX-License-Identifier: GPL-2.0
// undefined: a_retired_pointer_without_rcu_head_is_dropped__spend_it_with_synchronize

//! A `KBox` has no room for a callback: dropping its `Retired` does not build.

use kernel::prelude::*;
use rcu::{Retired, Vanilla};

pub fn reclaim(old: Retired<KBox<u32>, Vanilla>) {
    drop(old.synchronize());
}
