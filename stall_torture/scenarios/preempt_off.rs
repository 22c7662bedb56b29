// SPDX-License-Identifier: GPL-2.0

//! A CPU that does not schedule while its tick goes on, so that it notices by itself.
//!
//! It has two jiffies for that: if its tick comes later, another CPU is faster.

use crate::{
    observer::Class,
    scenario::{
        Param,
        Scenario,
        Values, //
    },
    stall::Stall, //
};
use kernel::{
    prelude::*,
    processor::cpu_relax,
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
    beside: |_| true,
    params: &[Param {
        name: "work",
        values: Values::Number(1, 1_000_000),
        default: "thousand rounds: until the time is up",
    }],
    run: hold_cpu,
    ..Scenario::COMMON
};

fn hold_cpu(stall: &Arc<Stall>, _this: &ThisThread) -> Result {
    match stall.request().own("work") {
        None => cpu::preempt_off(|| stall.spin()),
        Some(thousands) => cpu::preempt_off(|| work(stall, thousands)),
    }
    Ok(())
}

/// Is the stall, for as long as so much work takes on this machine, or until the time is up.
fn work(stall: &Stall, thousands: u64) {
    stall.begin();
    for _ in 0..thousands {
        if stall.over() {
            break;
        }
        for _ in 0..1000 {
            cpu_relax();
        }
    }
    stall.end();
}
