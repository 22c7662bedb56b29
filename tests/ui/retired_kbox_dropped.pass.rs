// SPDX-License-Identifier: GPL-2.0
// error: E0080

//! A `KBox` has no room for a callback: dropping its `Retired` does not build.

use kernel::prelude::*;
use rcu::{Retired, Vanilla};

pub fn reclaim(old: Retired<KBox<u32>, Vanilla>) {
    drop(old.synchronize());
}
