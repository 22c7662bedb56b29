// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! Readers on several CPUs share what is published, so it is `Sync`.

use rcu::{Rcu, RcuBox};

pub fn read(cell: &Rcu<RcuBox<core::cell::Cell<u32>>>) -> bool {
    cell.read(&rcu::read_lock()).is_some()
}
