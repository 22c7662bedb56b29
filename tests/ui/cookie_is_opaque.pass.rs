// SPDX-License-Identifier: GPL-2.0
// error: E0616

//! A cookie is what a domain gave, and nothing else.

use rcu::{Cookie, Vanilla};

pub fn look() -> bool {
    let cookie = Cookie::start(Vanilla);
    let _ = &cookie;
    cookie.poll()
}
