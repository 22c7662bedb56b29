// SPDX-License-Identifier: GPL-2.0
// error: E0599

//! Dropping in softirq context takes a type that says it can.

use kernel::prelude::*;
use rcu::{RcuBox, Retired, Vanilla};

pub fn reclaim(old: Retired<RcuBox<KVec<u32>>, Vanilla>) {
    old.call_rcu_softirq();
}
