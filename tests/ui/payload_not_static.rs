// SPDX-License-Identifier: GPL-2.0
// error: E0597

//! A callback may run at any later time, so a deferred payload borrows nothing.

use kernel::prelude::*;
use rcu::RcuBox;

pub fn publish() -> Result {
    let local = 1u32;
    let _ = &local;
    let boxed = RcuBox::new(&local, GFP_KERNEL)?;
    drop(boxed);
    Ok(())
}
