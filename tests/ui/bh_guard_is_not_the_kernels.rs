// SPDX-License-Identifier: GPL-2.0
// error: E0308

//! The kernel crate's guard is `rcu_read_lock()`: one of another flavour does not stand for it.

use kernel::revocable::Revocable;

pub fn read(data: &Revocable<u32>) -> Option<u32> {
    let guard = rcu::read_lock_bh();
    data.try_access_with_guard(&guard).copied()
}
