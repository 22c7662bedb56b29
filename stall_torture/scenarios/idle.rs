// SPDX-License-Identifier: GPL-2.0

//! Nothing at all: grace periods come and go.

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
    rcu_state::GpSeq, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "idle",
    what: "nothing, while grace periods come and go",
    min_cpus: |_| 1,
    run: do_nothing,
    ..Scenario::COMMON
};

fn do_nothing(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    let before = GpSeq::now();
    stall.sleep(this);
    let ended = GpSeq::now().completed() - before.completed();
    stall.fact("grace periods", ended as u64)
}
