// SPDX-License-Identifier: GPL-2.0
// error: E0521

//! What an update sees of the old version is not kept beyond it.

use kernel::{
    prelude::*,
    sync::{lock::mutex::MutexBackend, lock::Guard},
};
use rcu::{NonNullRcu, RcuBox};

pub fn raise(cell: &NonNullRcu<RcuBox<u32>>, guard: &mut Guard<'_, (), MutexBackend>) -> Result {
    let mut seen = None;
    let old = cell.updater(guard)?.update(|old| {
        seen = Some(old);
        Ok(RcuBox::new(*old + 1, GFP_KERNEL)?)
    })?;
    drop(old);
    assert!(seen.is_some());
    Ok(())
}
