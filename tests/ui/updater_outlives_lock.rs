// SPDX-License-Identifier: GPL-2.0
// error: E0505

//! Who has given the lock back updates nothing any more.

use kernel::{prelude::*, sync::Mutex};
use rcu::{Rcu, RcuBox};

pub fn clear(cell: &Rcu<RcuBox<u32>>, lock: &Mutex<()>) -> Result {
    let mut guard = lock.lock();
    let mut updater = cell.updater(&mut guard)?;
    drop(guard);
    drop(updater.take());
    Ok(())
}
