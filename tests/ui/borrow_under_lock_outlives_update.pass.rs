// SPDX-License-Identifier: GPL-2.0
// error: E0502

//! What was read under the lock does not outlive an update.

use kernel::{prelude::*, sync::Mutex};
use rcu::{Rcu, RcuBox};

pub fn clear(cell: &Rcu<RcuBox<u32>>, lock: &Mutex<()>) -> Result<u32> {
    let mut guard = lock.lock();
    let before = cell.get(&guard)?.copied();
    let old = cell.updater(&mut guard)?.take();
    drop(old);
    Ok(before.map_or(0, |before| before + 1))
}
