// SPDX-License-Identifier: GPL-2.0
// error: E0080

//! Nor does dropping its `Polled`.

use kernel::prelude::*;
use rcu::{Retired, Vanilla};

pub fn reclaim(old: Retired<KBox<u32>, Vanilla>) -> bool {
    old.start_poll().try_finish().is_ok()
}
