// SPDX-License-Identifier: GPL-2.0

//! A reader of SRCU that does not leave: vanilla RCU does not wait for it.

use super::{
    grace_period::count_during,
    srcu::Read, //
};
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
    name: "long-srcu-reader",
    what: "sleeps in an SRCU reader that nobody waits for",
    min_cpus: |_| 1,
    run: read_long,
    ..Scenario::COMMON
};

fn read_long(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    let read = Read::new()?;
    count_during(stall, || read.sleep(stall, this))
}
