// SPDX-License-Identifier: GPL-2.0

//! A softirq handler that does not return, while interrupts come.
//!
//! With PREEMPT_RT it is a reader that may be preempted, as is everybody who has softirqs off.

use super::grace_period::expected_with_softirqs_off;
use crate::{
    scenario::Scenario,
    stall::Stall, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};
use wrappers::{
    kthread::ThisThread,
    softirq, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "softirq-loop",
    what: "spins in a softirq handler",
    expects: expected_with_softirqs_off,
    beside: |_| true,
    run: hold_softirq,
    ..Scenario::COMMON
};

fn hold_softirq(stall: &Arc<Stall>, _this: &ThisThread) -> Result {
    softirq::run(|| stall.spin());
    Ok(())
}
