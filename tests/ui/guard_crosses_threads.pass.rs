// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! A guard stays with the task that entered the section.

use kernel::prelude::*;
use wrappers::kthread::KThread;

pub fn spawn() -> Result<KThread> {
    let guard = 42;
    KThread::spawn(c"reader", None, move |_| drop(guard))
}
