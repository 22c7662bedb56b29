// SPDX-License-Identifier: GPL-2.0
// error: E0499

//! A list has one updater at a time: another would not know what the first one removed.

use kernel::{prelude::*, sync::Mutex};
use rcu::RcuList;

pub fn clear(list: &RcuList<u32>, lock: &Mutex<()>) -> Result {
    let mut guard = lock.lock();
    let mut one = list.cursor(&mut guard)?;
    drop(one.remove());
    let mut other = list.cursor(&mut guard)?;
    drop(other.remove());
    drop(one.remove());
    Ok(())
}
