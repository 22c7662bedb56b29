// SPDX-License-Identifier: GPL-2.0

//! A callback of `call_rcu()` that does not return: RCU is stuck in its own softirq.

use crate::{
    observer::Class,
    scenario::Scenario,
    stall::Stall, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};
use wrappers::{
    call_rcu::call_rcu,
    kthread::ThisThread, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "stuck-callback",
    what: "spins in a callback of call_rcu()",
    expects: |_| &[&[Class::SelfDetected, Class::Detected]],
    run: hold_callbacks,
    ..Scenario::COMMON
};

fn hold_callbacks(stall: &Arc<Stall>, _this: &ThisThread) -> Result {
    let callback = call_rcu({
        let stall = stall.clone();
        move || stall.spin()
    })?;
    drop(callback); // After it has run.
    Ok(())
}
