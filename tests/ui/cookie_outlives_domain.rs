// SPDX-License-Identifier: GPL-2.0
// error: E0505

//! A cookie does not outlive its domain: no other can come to stand in its place.

use kernel::{prelude::*, sync::Arc};
use rcu::{Cookie, Srcu};

pub fn poll(domain: Pin<KBox<Srcu>>, other: Arc<u32>) -> bool {
    let cookie = Cookie::start(&*domain);
    drop(domain);
    cookie.poll()
}
