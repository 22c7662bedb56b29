// SPDX-License-Identifier: GPL-2.0

//! A CPU that takes no interrupt, its own tick included, so that another one has to notice.

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
    name: "irqs-off",
    what: "spins with interrupts off",
    expects: |_| &[&[Class::Detected]],
    beside: |_| true,
    run: hold_cpu_without_interrupts,
    ..Scenario::COMMON
};

pub(super) fn hold_cpu_without_interrupts(stall: &Arc<Stall>, _this: &ThisThread) -> Result {
    cpu::irqs_off(|| stall.spin());
    Ok(())
}
