// SPDX-License-Identifier: GPL-2.0
// undefined: a_retired_pointer_without_rcu_head_is_dropped__spend_it_with_synchronize

//! The last reference waits for vanilla readers, and for no others.

use rcu::{RcuArc, Retired, Srcu, Vanilla};

pub fn reclaim(old: Retired<RcuArc<u32>, &Srcu>, other: Retired<RcuArc<u32>, Vanilla>) {
    drop(other);
    drop(old.synchronize());
}
