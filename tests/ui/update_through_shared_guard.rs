// SPDX-License-Identifier: GPL-2.0
// error: E0308

//! A shared lock guard proves nothing: several tasks may hold it.

use kernel::{prelude::*, sync::Mutex};
use rcu::{Rcu, RcuBox};

pub fn clear(cell: &Rcu<RcuBox<u32>>, lock: &Mutex<()>) -> Result {
    let mut guard = lock.lock();
    let _ = &mut guard;
    let old = cell.updater(&guard)?.take();
    drop(old);
    Ok(())
}
