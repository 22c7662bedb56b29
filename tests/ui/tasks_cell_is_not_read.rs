// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! Tasks RCU has no guard: what is retired to it is reached in other ways than by a cell.

use rcu::{
    tasks::{Tasks, Trace},
    AtomicRcu, RcuBox,
};

pub type Domains = (Tasks, Trace);

pub fn read(cell: &AtomicRcu<RcuBox<u32>, Tasks>) -> Option<u32> {
    let guard = rcu::tasks::read_lock_trace();
    cell.read(&guard).copied()
}
