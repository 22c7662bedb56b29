// SPDX-License-Identifier: GPL-2.0

//! RCU's own kthread sleeps, and the kernel was told to wake it when it does.
//!
//! It warns of that once. A warning that was used up before can be made new meanwhile, by
//! `clear_warn_once` in debugfs: so the kthread is put to sleep again each time it was woken.

use super::{
    gp_kthread_blocked::{
        put_to_sleep,
        wake_up,
        CAN_BLOCK, //
    },
    grace_period::GP_KTHREAD, //
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
    sync::Arc,
    time::Delta, //
};
use wrappers::{
    kthread::ThisThread,
    rcu_state::GpSeq, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "kick",
    what: "puts that kthread to sleep where the kernel kicks it",
    expects: |_| &[&[Class::Kicked]],
    // It is kicked as soon as it is late by three rounds.
    timeout: |_| Delta::from_millis(100),
    needs: &[
        GP_KTHREAD,
        // The kernel sleeps for rcutorture's sake.
        CAN_BLOCK,
        Need {
            what:
                "rcutree.rcu_kick_kthreads=1, and a warning not yet printed, or cleared meanwhile",
            met: || None,
        },
    ],
    run: block_again,
    ..Scenario::COMMON
};

/// How long the kthread is left alone after it was woken.
const PAUSE: Delta = Delta::from_millis(300);

fn block_again(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    let mut kicks = 0;
    while !stall.over() && put_to_sleep(stall) {
        let asleep = GpSeq::now();
        while !stall.over() && GpSeq::now() == asleep {
            this.sleep(Delta::from_millis(20));
        }
        kicks += u64::from(GpSeq::now() != asleep);
        this.sleep(PAUSE);
    }
    stall.end();
    wake_up()?;
    stall.fact("times woken", kicks)
}
