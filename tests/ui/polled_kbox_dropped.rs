// SPDX-License-Identifier: GPL-2.0
// undefined: a_retired_pointer_without_rcu_head_is_dropped__spend_it_with_synchronize

//! Nor does dropping its `Polled`.

use kernel::prelude::*;
use rcu::{Retired, Vanilla};

pub fn reclaim(old: Retired<KBox<u32>, Vanilla>) -> bool {
    old.start_poll().try_finish().is_ok()
}
