// SPDX-License-Identifier: GPL-2.0
// error: E0425

//! Tasks Rude RCU does nothing on x86, so it is not there.

use rcu::{tasks, tasks::Tasks, Domain};

pub fn wait() {
    let _ = tasks::read_lock_trace();
    let _ = Tasks;
    Tasks.synchronize();
    Tasks.barrier();
}
