// SPDX-License-Identifier: GPL-2.0
// error: E0308

//! The type of a cell names its lock: the guard of another one proves nothing.

use kernel::{prelude::*, sync::GlobalGuard};
use rcu::{GlobalRcu, RcuBox};

rcu::rcu_module! {
    type: Module,
    locks: [ROUTES: Mutex<()> = (), SETTINGS: Mutex<()> = ()],
    name: "twin",
    authors: ["the rcu-lab authors"],
    description: "A twin",
    license: "GPL",
}

struct Module;

static LIMIT: GlobalRcu<RcuBox<u32>, SETTINGS> = GlobalRcu::empty();

fn clear(_routes: &mut GlobalGuard<ROUTES>, _settings: &mut GlobalGuard<SETTINGS>) {
    drop(LIMIT.updater(_settings).take());
}

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        clear(&mut ROUTES.lock(), &mut SETTINGS.lock());
        Ok(Self)
    }
}
