// SPDX-License-Identifier: GPL-2.0
// error: E0382

//! What is queued belongs to the queue: who wants to go on using it keeps a reference.

use kernel::{prelude::*, sync::Arc};
use rcu::work::{RcuWork, RcuWorkItem, RcuWorkqueue};

pub fn queue<T: RcuWorkItem>(queue: &RcuWorkqueue, item: Arc<RcuWork<T>>) -> Result {
    queue.queue(item.clone())?;
    queue.queue(item)?;
    Ok(())
}
