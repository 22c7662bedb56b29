// SPDX-License-Identifier: GPL-2.0

//! A real-time thread that never gives its CPU up.
//!
//! Interrupts come, and so do softirqs: RCU notices that the CPU is in no reader. Where it is a
//! kthread of RCU that has to say so, as with PREEMPT_RT, that one gets no CPU.

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
    name: "rt-hog",
    what: "spins as a real-time thread",
    expects: |_| {
        if cfg!(CONFIG_PREEMPT_RT) {
            &[&[Class::SelfDetected, Class::Detected]]
        } else {
            &[]
        }
    },
    run: hog,
    ..Scenario::COMMON
};

fn hog(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    let priority = this.fifo(|| stall.spin());
    stall.put_back("priority", priority)
}
