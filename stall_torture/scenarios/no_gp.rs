// SPDX-License-Identifier: GPL-2.0

//! A CPU that does not schedule, and no grace period that would wait for it.
//!
//! Others may ask for one at any time. Then the CPU is let go until that one has ended.

use crate::{
    scenario::{
        Asks,
        Scenario, //
    },
    stall::Stall, //
};
use kernel::{
    prelude::*,
    processor::cpu_relax,
    sync::Arc,
    time::Delta, //
};
use wrappers::{
    cpu,
    kthread::ThisThread,
    rcu_state::GpSeq,
    time::{
        mono_fast_ns,
        ns_since, //
    }, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "no-gp",
    what: "spins with preemption off while no grace period is in flight",
    asks: Asks::Nothing,
    min_cpus: |_| 1,
    run: spin_between_grace_periods,
    ..Scenario::COMMON
};

fn spin_between_grace_periods(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    let (mut spins, mut longest) = (0, 0);
    stall.begin();
    while !stall.over() {
        let from = mono_fast_ns();
        cpu::preempt_off(|| {
            while !stall.over() && !GpSeq::now().in_flight() {
                cpu_relax();
            }
        });
        spins += 1;
        longest = longest.max(ns_since(from));
        this.sleep(Delta::from_millis(1));
    }
    stall.end();
    stall.fact("spins", spins)?;
    stall.fact("longest spin, ms", longest / 1_000_000)
}
