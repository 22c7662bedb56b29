// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! A grace period of Tasks RCU cannot be looked for later: the kernel has no such functions.

use rcu::{tasks::Tasks, Cookie, Vanilla};

pub fn domains() -> (Tasks, Vanilla) {
    let _ = Cookie::start(Vanilla);
    (Tasks, Vanilla)
}
