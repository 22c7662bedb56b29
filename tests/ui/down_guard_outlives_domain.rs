// SPDX-License-Identifier: GPL-2.0
// error: E0597

//! A section that others may leave does not outlive its domain either.

use kernel::prelude::*;
use rcu::Srcu;

pub fn hand_over(make: impl Fn() -> Pin<KBox<Srcu>>) {
    let outer = make();
    let section;
    {
        let inner = make();
        let _ = &inner;
        section = inner.down_read();
    }
    section.up();
    drop(outer);
}
