// SPDX-License-Identifier: GPL-2.0

//! A CPU that runs no softirqs, and so does not schedule either.
//!
//! With PREEMPT_RT it does schedule: who has switched softirqs off is a reader that may be preempted.

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
    cpu,
    kthread::ThisThread, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "bh-off",
    what: "spins with softirqs off",
    expects: expected_with_softirqs_off,
    beside: |_| true,
    run: hold_softirqs,
    ..Scenario::COMMON
};

fn hold_softirqs(stall: &Arc<Stall>, _this: &ThisThread) -> Result {
    cpu::bh_off(|| stall.spin());
    Ok(())
}
