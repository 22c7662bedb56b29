// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! A domain commits to one kind of reader: one whose sections stay with their task has no others.

use rcu::{
    srcu::{Fast, FastUpDown},
    Srcu,
};

pub fn enter(domain: &Srcu<Fast>, _other: &Srcu<FastUpDown>) {
    use rcu::srcu::Handle;
    drop(domain.read_lock());
    drop(Handle::down_read(domain));
}
