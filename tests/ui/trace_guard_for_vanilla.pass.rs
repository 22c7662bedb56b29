// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! A Tasks Trace section is not one of vanilla RCU.

use rcu::{tasks, AtomicRcu, RcuBox};

pub fn read(cell: &AtomicRcu<RcuBox<u32>>) -> Option<u32> {
    let _others = (rcu::read_lock(), tasks::read_lock_trace());
    let guard = rcu::read_lock();
    cell.read(&guard).copied()
}
