// SPDX-License-Identifier: GPL-2.0
// undefined: declare_the_module_with_rcu_module

//! A module that retires is declared by `rcu_module!`, so that unloading it waits.

use kernel::prelude::*;
use rcu::{RcuBox, Retired, Vanilla};

rcu::rcu_module! {
    type: Minimal,
    name: "minimal",
    authors: ["the rcu-lab authors"],
    description: "A module that retires",
    license: "GPL",
}

struct Minimal;

impl kernel::Module for Minimal {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Minimal)
    }
}

pub fn reclaim(old: Retired<RcuBox<KVec<u32>>, Vanilla>) {
    old.call_rcu();
}
