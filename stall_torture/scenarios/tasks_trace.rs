// SPDX-License-Identifier: GPL-2.0

//! A reader of Tasks Trace RCU that does not leave, and an updater that waits: nobody reports that.

use super::unreported::watch;
use crate::{
    scenario::{
        Need,
        Scenario, //
    },
    stall::Stall, //
};
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Release, //
        },
        Arc, //
    },
    time::Delta, //
};
use wrappers::kthread::{
    KThread,
    ThisThread, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "tasks-trace",
    what: "sleeps in a Tasks Trace reader that an updater waits for",
    min_cpus: |_| 1,
    needs: &[Need {
        what: "CONFIG_TASKS_TRACE_RCU",
        met: || Some(cfg!(CONFIG_TASKS_TRACE_RCU)),
    }],
    run: hold_trace,
    ..Scenario::COMMON
};

#[cfg(CONFIG_TASKS_TRACE_RCU)]
mod trace {
    use rcu::{
        tasks::{
            read_lock_trace,
            Trace,
            TraceGuard, //
        },
        Domain, //
    };

    pub(super) fn enter() -> TraceGuard {
        read_lock_trace()
    }

    pub(super) fn synchronize() {
        Trace.synchronize();
    }
}

/// What the scenario needs is missing: nobody comes here.
#[cfg(not(CONFIG_TASKS_TRACE_RCU))]
mod trace {
    pub(super) struct Nobody;

    pub(super) fn enter() -> Nobody {
        Nobody
    }

    pub(super) fn synchronize() {}
}

fn hold_trace(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    let inside = Arc::new(Atomic::new(false), GFP_KERNEL)?;
    let reader = KThread::spawn(c"stall_reader", None, {
        let (stall, inside) = (stall.clone(), inside.clone());
        move |this| {
            let guard = trace::enter();
            // Pairs with the load below.
            inside.store(true, Release);
            stall.sleep(this);
            drop(guard);
        }
    })?;
    while !inside.load(Acquire) {
        this.sleep(Delta::from_millis(1));
    }

    let waited = Arc::new(Atomic::new(false), GFP_KERNEL)?;
    let updater = KThread::spawn(c"stall_updater", None, {
        let waited = waited.clone();
        move |_| {
            trace::synchronize();
            // Pairs with the load below.
            waited.store(true, Release);
        }
    })?;
    let watched = watch(stall, this, "Tasks Trace RCU", || waited.load(Acquire));
    drop(updater);
    drop(reader);
    watched
}
