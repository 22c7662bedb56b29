// SPDX-License-Identifier: GPL-2.0
// error: E0599

//! The owner of a static drops what it points to, so there must be room for a callback.

use kernel::prelude::*;
use rcu::{AtomicRcu, RcuBox};

pub static LIMIT: AtomicRcu<RcuBox<u32>> = AtomicRcu::empty();

pub fn own() -> Result {
    let _: RcuBox<u32> = RcuBox::new(1, GFP_KERNEL)?;
    drop(LIMIT.claim().ok_or(EBUSY)?);
    Ok(())
}
