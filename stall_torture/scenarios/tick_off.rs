// SPDX-License-Identifier: GPL-2.0

//! A CPU whose scheduling-clock tick does not arrive, and that does not schedule by itself either.
//!
//! Other interrupts do arrive. Without a tick it does not notice: another CPU has to.

use crate::{
    observer::Class,
    scenario::{
        Need,
        Scenario, //
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
    rcu_state::IS_TINY,
    tick::{
        can_stop,
        without_tick, //
    }, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "tick-off",
    what: "spins with preemption off, and its tick does not arrive",
    expects: |_| &[&[Class::Detected]],
    needs: &[
        Need {
            what: "a virtual machine whose CPUs lack the feature ARAT",
            met: || Some(can_stop()),
        },
        Need {
            what: "another CPU, which keeps the time, and Tiny RCU has none",
            met: || Some(!IS_TINY),
        },
    ],
    run: stop_tick,
    ..Scenario::COMMON
};

fn stop_tick(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    without_tick(this, || cpu::preempt_off(|| stall.spin()))?;
    stall.put_back("tick", Ok(()))
}
