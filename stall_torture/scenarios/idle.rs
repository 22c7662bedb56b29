// SPDX-License-Identifier: GPL-2.0

//! Nothing at all: grace periods come and go.

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
    name: "idle",
    what: "nothing, while grace periods come and go",
    min_cpus: |_| 1,
    run: do_nothing,
    ..Scenario::COMMON
};

fn do_nothing(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    count_during(stall, || stall.sleep(this))
}
