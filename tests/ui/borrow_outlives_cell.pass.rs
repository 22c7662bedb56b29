// SPDX-License-Identifier: GPL-2.0
// error: E0505

//! What a reader borrowed does not outlive the cell.

use rcu::{Rcu, RcuBox};

pub fn read(cell: Rcu<RcuBox<u32>>) -> u32 {
    let guard = rcu::read_lock();
    let value = cell.read(&guard);
    let _ = &cell;
    value.copied().unwrap_or(0)
}
