// SPDX-License-Identifier: GPL-2.0
// error: E0505

//! A pointer that no guard has kept alive is not compared with: another object may stand there.

use rcu::{AtomicRcu, RcuBox};

pub fn clear(cell: &AtomicRcu<RcuBox<u32>>) -> bool {
    let guard = rcu::read_lock();
    let now = cell.read(&guard);
    let _ = &guard;
    cell.compare_exchange(&rcu::read_lock(), now, None).is_ok()
}
