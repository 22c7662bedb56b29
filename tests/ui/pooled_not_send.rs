// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! Whoever gives up the last reference drops the object, so it is `Send`.

use kernel::{prelude::*, types::NotThreadSafe};
use rcu::Pool;

pub struct Object(pub NotThreadSafe);

pub fn pool() -> Result<Pool<Object>> {
    Pool::new(c"objects")
}
