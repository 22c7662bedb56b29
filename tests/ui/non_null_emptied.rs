// SPDX-License-Identifier: GPL-2.0
// error: E0308

//! A cell that is never empty is not emptied.

use kernel::{
    prelude::*,
    sync::{lock::mutex::MutexBackend, lock::Guard},
};
use rcu::{NonNullRcu, RcuBox};

pub fn set(cell: &NonNullRcu<RcuBox<u32>>, guard: &mut Guard<'_, (), MutexBackend>) -> Result {
    let new = RcuBox::new(1, GFP_KERNEL)?;
    let old = cell.updater(guard)?.replace(Some(new));
    drop(old);
    Ok(())
}
