// SPDX-License-Identifier: GPL-2.0

//! RCU's own kthread sleeps, and the kernel was told to wake it when it does.

use super::{
    gp_kthread_blocked::{
        block,
        CAN_BLOCK, //
    },
    grace_period::GP_KTHREAD, //
};
use crate::{
    observer::Class,
    scenario::{
        Need,
        Scenario, //
    }, //
};
use kernel::time::Delta;

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
            what: "rcutree.rcu_kick_kthreads=1, and a warning that was not printed since boot",
            met: || None,
        },
    ],
    run: block,
    ..Scenario::COMMON
};
