// SPDX-License-Identifier: GPL-2.0
// error: E0308

//! A removed node goes into no list before a grace period: a reader may stand on it.

use kernel::{prelude::*, sync::Mutex};
use rcu::RcuList;

pub fn rotate(list: &RcuList<u32>, lock: &Mutex<()>) -> Result {
    let old = list.cursor(&mut lock.lock())?.remove().ok_or(ENOENT)?;
    list.cursor(&mut lock.lock())?.push_back(old.synchronize());
    Ok(())
}
