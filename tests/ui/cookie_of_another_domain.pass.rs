// SPDX-License-Identifier: GPL-2.0
// error: E0308

//! A cookie remembers a grace period of one domain.

use kernel::prelude::*;
use rcu::{Cookie, Srcu, Vanilla};

pub fn latest(domain: Pin<&Srcu>) -> bool {
    let mut cookie = Cookie::completed(domain.get_ref());
    let _other = Cookie::start(Vanilla);
    cookie = Cookie::start(domain.get_ref());
    cookie.poll()
}
