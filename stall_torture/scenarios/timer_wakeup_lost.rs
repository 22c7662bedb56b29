// SPDX-License-Identifier: GPL-2.0

//! RCU's own kthread sleeps until a timer that does not fire: its CPU runs no softirqs.
//!
//! A CPU that waits for that kthread alone is quiescent; so a reader on it has to hold the grace
//! period up, one that the kthread itself has preempted.

use super::grace_period::{
    is_victim_nohz_full,
    GracePeriod,
    PREEMPTIBLE_READERS, //
};
use crate::{
    observer::Class,
    scenario::{
        GpKthread,
        Scenario, //
    },
    stall::Stall, //
};
use kernel::{
    prelude::*,
    processor::cpu_relax,
    sync::Arc, //
};
use wrappers::{
    cpu,
    gp_kthread,
    kthread::ThisThread,
    task::is_asleep, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "timer-wakeup-lost",
    what: "the timer that RCU's kthread waits for does not fire",
    expects: |request| {
        if is_victim_nohz_full(request) {
            // The timer fires elsewhere, and wakes a kthread that does not get the CPU.
            &[&[Class::Detected], &[Class::KthreadStarved]]
        } else if cfg!(CONFIG_PREEMPT_RT) {
            // The CPU may have had no time to pass on that it is quiescent.
            &[
                &[Class::SelfDetected, Class::Detected],
                &[Class::TimerWakeup],
            ]
        } else {
            &[&[Class::Detected], &[Class::TimerWakeup]]
        }
    },
    gp_kthread: GpKthread::OnVictim,
    needs: &[PREEMPTIBLE_READERS],
    run: lose_timer,
    ..Scenario::COMMON
};

fn lose_timer(stall: &Arc<Stall>, _this: &ThisThread) -> Result {
    let kthread = gp_kthread::find().ok_or(ESRCH)?;
    let Some(grace_period) = GracePeriod::hold(stall) else {
        return Ok(());
    };
    while !stall.over() && !stall.has_begun() {
        cpu_relax();
        cpu::bh_off(|| {
            // With PREEMPT_RT a thread runs the timers, which must not get the CPU.
            cpu::preempt_off(|| {
                // Asleep on this very CPU, and so is its timer.
                if is_asleep(&kthread) {
                    stall.spin();
                }
            });
        });
    }
    drop(grace_period);
    Ok(())
}
