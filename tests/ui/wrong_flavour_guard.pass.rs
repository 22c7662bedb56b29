// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! A guard of another domain reads nothing of vanilla RCU's.

use rcu::{Rcu, RcuBox, Srcu};

pub fn read(cell: &Rcu<RcuBox<u32>>, domain: &Srcu) -> Option<u32> {
    let _other = domain.read_lock();
    let guard = rcu::read_lock();
    cell.read(&guard).copied()
}
