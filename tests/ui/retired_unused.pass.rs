// SPDX-License-Identifier: GPL-2.0
// error: unused_must_use

//! What was retired is to be spent, in a way that one chose.

#![deny(unused_must_use)]

use kernel::{prelude::*, sync::Mutex};
use rcu::{Rcu, RcuBox};

pub fn set(cell: &Rcu<RcuBox<u32>>, lock: &Mutex<()>, new: RcuBox<u32>) -> Result {
    if let Some(old) = cell.updater(&mut lock.lock())?.replace(Some(new)) {
        old.call_rcu();
    }
    Ok(())
}
