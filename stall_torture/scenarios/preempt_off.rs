// SPDX-License-Identifier: GPL-2.0

//! A CPU that does not schedule while its tick goes on, so that it notices by itself.

use crate::{
    observer::Class,
    scenario::Scenario, //
};
use wrappers::cpu;

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "preempt-off",
    what: "spins with preemption off",
    expects: |_| Some(Class::SelfDetected),
    min_cpus: 2,
    params: &[],
    run: |stall, _| {
        cpu::preempt_off(|| stall.spin());
        Ok(())
    },
};
