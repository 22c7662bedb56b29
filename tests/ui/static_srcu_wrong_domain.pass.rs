// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! A static domain is a type: a guard of another one reads nothing.

use kernel::prelude::*;
use rcu::{srcu::Handle, AtomicRcu, RcuBox};

rcu::rcu_module! {
    type: Module,
    srcu: [Routes: Fast, Settings: Fast],
    name: "twin",
    authors: ["the rcu-lab authors"],
    description: "A twin",
    license: "GPL",
}

struct Module(Option<u32>);

static LIMIT: AtomicRcu<RcuBox<u32>, Settings> = AtomicRcu::empty();

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let _others = (Routes.read_lock(), Settings.read_lock());
        let guard = Settings.read_lock();
        Ok(Self(LIMIT.read(&guard).copied()))
    }
}
