// SPDX-License-Identifier: GPL-2.0

//! A callback of `call_rcu()` that does not return: RCU is stuck in its own softirq.
//!
//! A CPU may leave its callbacks to a kthread. Then that is stuck, with softirqs off, and is kept on
//! this CPU for it.

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
    call_rcu::{
        call_rcu,
        offloaded_to, //
    },
    kthread::ThisThread,
    task::Confined, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "stuck-callback",
    what: "spins in a callback of call_rcu()",
    expects: |_| &[&[Class::SelfDetected, Class::Detected]],
    run: hold_callbacks,
    ..Scenario::COMMON
};

fn hold_callbacks(stall: &Arc<Stall>, _this: &ThisThread) -> Result {
    let victim = stall.place().victim;
    let kthread = match offloaded_to(victim)? {
        Some(kthread) => Some(Confined::only(kthread, victim)?),
        None => None,
    };
    let callback = call_rcu({
        let stall = stall.clone();
        move || stall.spin()
    })?;
    drop(callback); // After it has run.
    match kthread {
        Some(kthread) => stall.put_back("CPUs of the callbacks' kthread", kthread.put_back()),
        None => Ok(()),
    }
}
