// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! A section with softirqs disabled stays with the task that entered it.

use kernel::prelude::*;
use wrappers::kthread::KThread;

pub fn spawn() -> Result<KThread> {
    let guard = rcu::read_lock_bh();
    KThread::spawn(c"reader", None, move |_| drop(guard))
}
