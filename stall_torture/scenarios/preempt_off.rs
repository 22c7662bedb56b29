// SPDX-License-Identifier: GPL-2.0

//! A CPU that does not schedule while its tick goes on, so that it notices by itself.
//!
//! It has two jiffies for that: if its tick comes later, another CPU is faster.

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
    cpu,
    kthread::ThisThread, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "preempt-off",
    what: "spins with preemption off",
    expects: |_| &[&[Class::SelfDetected, Class::Detected]],
    run: hold_cpu,
    ..Scenario::COMMON
};

fn hold_cpu(stall: &Arc<Stall>, _this: &ThisThread) -> Result {
    cpu::preempt_off(|| stall.spin());
    Ok(())
}
