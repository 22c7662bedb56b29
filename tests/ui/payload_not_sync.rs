// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! Readers on several CPUs share what is published, so it is `Sync`.

use rcu::RcuBox;

pub struct Published(pub RcuBox<core::cell::Cell<u32>>);
