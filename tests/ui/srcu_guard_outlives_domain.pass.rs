// SPDX-License-Identifier: GPL-2.0
// error: E0505

//! A guard does not outlive its domain.

use kernel::{prelude::*, sync::Arc};
use rcu::Srcu;

pub fn read(domain: Pin<KBox<Srcu>>, other: Arc<u32>) {
    let guard = domain.read_lock();
    drop(other);
    drop(guard);
}
