// SPDX-License-Identifier: GPL-2.0
// error: E0502

//! What is borrowed under the lock ends with the next update.

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

fn clear(guard: &mut GlobalGuard<SETTINGS>) -> Option<()> {
    let value = *LIMIT.get(guard)?;
    drop(LIMIT.updater(guard).take());
    pr_info!("it was {value}\n");
    Some(())
}

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let _ = (clear(&mut SETTINGS.lock()), ROUTES.lock());
        Ok(Self)
    }
}
