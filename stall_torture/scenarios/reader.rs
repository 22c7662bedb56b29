// SPDX-License-Identifier: GPL-2.0

//! A reader that does not leave its critical section.
//!
//! It may be preempted, and is, by the tick at the latest: a grace period then waits for a task, no
//! longer for a CPU. Where readers cannot be preempted it waits for the CPU.

use crate::{
    observer::Class,
    scenario::Scenario,
    stall::Stall, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};
use wrappers::kthread::ThisThread;

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "reader",
    what: "spins inside rcu_read_lock()",
    expects: |_| {
        if cfg!(CONFIG_PREEMPT_RCU) {
            &[&[Class::TasksBlocked]]
        } else {
            &[&[Class::SelfDetected, Class::Detected]]
        }
    },
    beside: |_| true,
    min_cpus: |_| if cfg!(CONFIG_PREEMPT_RCU) { 1 } else { 2 },
    run: hold_reader,
    ..Scenario::COMMON
};

fn hold_reader(stall: &Arc<Stall>, _this: &ThisThread) -> Result {
    let guard = rcu::read_lock();
    stall.spin();
    drop(guard);
    Ok(())
}
