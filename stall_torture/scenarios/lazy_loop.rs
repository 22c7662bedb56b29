// SPDX-License-Identifier: GPL-2.0

//! A loop that never gives its CPU up by itself, and does not keep it either.
//!
//! Once a stall where the kernel was not preemptible; today every x86 kernel takes the CPU away.

use super::grace_period::count_during;
use crate::{
    scenario::Scenario,
    stall::Stall, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};
use wrappers::kthread::ThisThread;

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "lazy-loop",
    what: "spins, and may be preempted",
    min_cpus: |_| 1,
    run: loop_on,
    ..Scenario::COMMON
};

fn loop_on(stall: &Arc<Stall>, _this: &ThisThread) -> Result {
    count_during(stall, || stall.spin())
}
