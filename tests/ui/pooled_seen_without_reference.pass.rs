// SPDX-License-Identifier: GPL-2.0
// error: E0599

//! The value of a recycled place is not seen without a reference that was checked.

use kernel::prelude::*;
use rcu::PoolCell;

pub fn look(cell: &PoolCell<u32>) -> Result<u32> {
    let guard = rcu::read_lock();
    let value = cell.get(&guard);
    Ok(*value.ok_or(ENOENT)?)
}
