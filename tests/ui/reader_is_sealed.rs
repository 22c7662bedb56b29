// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! Only this crate says what a reader is.

pub struct Mine;

unsafe impl rcu::Reader<rcu::Vanilla> for Mine {}
