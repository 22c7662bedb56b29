// SPDX-License-Identifier: GPL-2.0
// error: E0505

//! What a lookup found does not outlive the guard; a reference to it does.

use kernel::prelude::*;
use rcu::{Rcu, RcuArc};

pub fn find(cell: &Rcu<RcuArc<u32>>) -> Result<u32> {
    let guard = rcu::read_lock();
    let found = cell.read(&guard).ok_or(ENOENT)?;
    let found = found.upgrade();
    drop(guard);
    Ok(**found.ok_or(ENOENT)?)
}
