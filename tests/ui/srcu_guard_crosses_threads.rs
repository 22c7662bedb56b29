// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! A section stays with the task that entered it, unless it was entered to be left by another.

use kernel::prelude::*;
use rcu::{srcu::Normal, Srcu};
use wrappers::kthread::KThread;

pub fn spawn(domain: &'static Srcu<Normal>) -> Result<KThread> {
    let guard = domain.read_lock();
    KThread::spawn(c"reader", None, move |_| drop(guard))
}
