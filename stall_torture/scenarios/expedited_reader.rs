// SPDX-License-Identifier: GPL-2.0

//! A reader that does not leave, while somebody is in a hurry.

use super::reader;
use crate::{
    observer::Class,
    scenario::{
        Asks,
        Need,
        Param,
        Scenario,
        Values, //
    },
    stall::Stall, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};
use wrappers::{
    cpu,
    kthread::ThisThread,
    rcu_state::expedited_stall_timeout, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "expedited-reader",
    what: "spins inside rcu_read_lock(); expedited grace periods wait",
    expects: |_| &[&[Class::Expedited]],
    timeout: |_| expedited_stall_timeout(),
    asks: Asks::Expedited,
    needs: IN_A_HURRY,
    params: &[Param {
        name: "preemption",
        values: Values::OneOf(&["on", "off"]),
        default: "on: the task is reported; off: its CPU, as 1-....",
    }],
    run: hold_reader,
    ..Scenario::COMMON
};

/// That an expedited grace period is one: with PREEMPT_RT it is not, by default.
pub(super) const IN_A_HURRY: &[Need] = &[Need {
    what: "/sys/kernel/rcu_normal 0",
    met: || None,
}];

fn hold_reader(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    match stall.request().own("preemption") {
        Some(1) => {
            let guard = rcu::read_lock();
            cpu::preempt_off(|| stall.spin());
            drop(guard);
            Ok(())
        }
        _ => (reader::SCENARIO.run)(stall, this),
    }
}
