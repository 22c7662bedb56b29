// SPDX-License-Identifier: GPL-2.0

//! Nothing of its own: something else stalls the kernel, and this gives the account of it.

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
    name: "watch",
    what: "nothing itself: gives the account of what else stalls",
    expects: |_| &[&[Class::SelfDetected, Class::Detected]],
    min_cpus: |_| 1,
    run: look_on,
    ..Scenario::COMMON
};

fn look_on(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    stall.sleep(this);
    Ok(())
}
