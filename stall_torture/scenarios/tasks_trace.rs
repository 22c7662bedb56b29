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
use wrappers::{
    kthread::{
        KThread,
        ThisThread, //
    },
    tasks_rcu, //
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

fn hold_trace(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    let inside = Arc::new(Atomic::new(false), GFP_KERNEL)?;
    let reader = KThread::spawn(c"stall_reader", None, {
        let (stall, inside) = (stall.clone(), inside.clone());
        move |this| {
            let guard = tasks_rcu::read_lock_trace();
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
            tasks_rcu::synchronize_trace();
            // Pairs with the load below.
            waited.store(true, Release);
        }
    })?;
    let watched = watch(stall, this, "Tasks Trace RCU", || waited.load(Acquire));
    drop(updater);
    drop(reader);
    watched
}
