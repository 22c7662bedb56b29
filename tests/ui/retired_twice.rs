// SPDX-License-Identifier: GPL-2.0
// error: E0382

//! What is retired is reclaimed once.

use rcu::{RcuBox, Retired, Vanilla};

pub fn reclaim(old: Retired<RcuBox<u32>, Vanilla>) -> u32 {
    let first = old.synchronize();
    old.call_rcu();
    *first
}
