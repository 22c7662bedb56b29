// SPDX-License-Identifier: GPL-2.0

//! RCU's own kthread sleeps, and nobody wakes it: every CPU has answered, and nothing happens.

use super::grace_period::{
    is_victim_nohz_full,
    GracePeriod,
    GP_KTHREAD, //
};
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
    processor::cpu_relax,
    sync::Arc,
    time::Delta, //
};
use wrappers::{
    gp_kthread,
    kthread::ThisThread,
    time::{
        mono_fast_ns,
        ns_since, //
    }, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "gp-kthread-blocked",
    what: "puts the kthread of grace periods to sleep inside one",
    expects: |request| {
        if is_victim_nohz_full(request) {
            // The victim, idle long since, waits for the kthread to look at it.
            &[
                &[Class::Detected],
                &[Class::TimerWakeup],
                &[Class::KthreadStarved],
            ]
        } else {
            &[
                &[Class::Detected],
                &[Class::AllSeen],
                &[Class::TimerWakeup],
                &[Class::KthreadStarved],
            ]
        }
    },
    needs: &[GP_KTHREAD, CAN_BLOCK],
    run: block,
    ..Scenario::COMMON
};

pub(super) const CAN_BLOCK: Need = Need {
    what: "CONFIG_RCU_TORTURE_TEST",
    met: || Some(gp_kthread::CAN_BLOCK),
};

/// Until when the kthread has surely looked for quiescent states once, and thus fallen asleep.
const FIRST_LOOK: Delta = Delta::from_millis(100);

fn block(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    if !put_to_sleep(stall) {
        return Ok(());
    }
    stall.sleep(this);
    wake_up()
}

/// Puts the kthread to sleep for the length of the stall, which begins. Returns whether it was
/// possible before the run was over.
pub(super) fn put_to_sleep(stall: &Stall) -> bool {
    // It is asked to sleep inside a grace period: between two it would sleep as well, and nobody
    // would miss it.
    let Some(grace_period) = GracePeriod::hold(stall) else {
        return false;
    };
    gp_kthread::block(stall.length());
    stall.begin();
    let from = mono_fast_ns();
    while ns_since(from) < FIRST_LOOK.as_nanos() as u64 {
        cpu_relax();
    }
    drop(grace_period);
    true
}

/// If the kthread has not slept yet, it does not sleep long; if it sleeps, it does no longer.
pub(super) fn wake_up() -> Result {
    let kthread = gp_kthread::find().ok_or(ESRCH)?;
    gp_kthread::block(Delta::ZERO);
    kthread.wake_up();
    Ok(())
}
