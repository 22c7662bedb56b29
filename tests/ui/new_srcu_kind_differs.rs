// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! A domain is initialized for the kind of readers that its type says.

use kernel::prelude::*;
use rcu::{
    srcu::{Fast, Normal},
    Srcu,
};

pub fn make() -> (
    impl PinInit<Srcu<Fast>, Error>,
    impl PinInit<Srcu<Normal>, Error>,
) {
    let normal = rcu::new_srcu!(Normal, "normal");
    let fast = rcu::new_srcu!(Normal, "fast");
    (fast, normal)
}
