// SPDX-License-Identifier: GPL-2.0

//! RCU's own kthread wants to run, and a real-time thread does not let it.

use super::grace_period::{
    start_grace_period,
    GP_KTHREAD, //
};
use crate::{
    observer::Class,
    scenario::{
        GpKthread,
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
    kthread::ThisThread,
    rcu_state::GpSeq, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "gp-kthread-starved",
    what: "a real-time thread takes the CPU of RCU's kthread",
    expects: |_| {
        if cfg!(CONFIG_PREEMPT_RT) {
            // The CPU's own kthread is starved too, and so that CPU may be the first to notice.
            &[
                &[Class::SelfDetected, Class::Detected],
                &[Class::KthreadStarved],
            ]
        } else {
            &[&[Class::Detected], &[Class::KthreadStarved]]
        }
    },
    gp_kthread: GpKthread::OnVictim,
    needs: &[
        GP_KTHREAD,
        Need {
            what: "the fair server of the CPU off (debugfs sched/fair_server/cpuN/runtime 0)",
            met: || None,
        },
    ],
    run: starve,
    ..Scenario::COMMON
};

fn starve(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    let mut priority = Ok(());
    while !stall.over() && !stall.has_begun() {
        start_grace_period(stall);
        // That kthread needs this CPU to end the grace period, and does not get it any more.
        priority = this.fifo(|| {
            if GpSeq::now().in_flight() {
                stall.spin();
            }
        });
    }
    stall.put_back("priority", priority)
}
