// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! A worker runs it, so it may cross threads.

use kernel::sync::Arc;
use rcu::work::{RcuWork, RcuWorkItem};

pub struct Item(pub *mut u32);

impl RcuWorkItem for Item {
    fn run(_this: Arc<RcuWork<Self>>) {}
}
