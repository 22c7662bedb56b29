// SPDX-License-Identifier: GPL-2.0

//! A kthread that waits for the victim in a way that the conductor cannot afford to.

use crate::{
    scenario::Asks,
    scenarios::start_grace_period,
    stall::Stall, //
};
use kernel::{
    prelude::*,
    sync::Arc,
    time::Delta, //
};
use wrappers::{
    cpu,
    kthread::KThread, //
};

/// The kthread, if the scenario wants one. Dropping it waits for what it waits for, and so must not
/// happen before the stall is over.
pub(crate) struct Requester {
    _thread: Option<KThread>,
}

impl Requester {
    /// Starts it beside the conductor. It begins to ask when the stall has begun.
    pub(crate) fn spawn(stall: &Arc<Stall>) -> Result<Self> {
        let place = stall.place();
        let asks = stall.request().scenario.asks;
        let ask = move |stall: &Stall| match asks {
            Asks::Nothing | Asks::GracePeriod => {}
            Asks::Expedited => rcu::synchronize_expedited(),
            Asks::Tasks => wait_for_tasks(),
            Asks::Interrupt => {
                // Once it is stuck too, nobody on this CPU can ask for a grace period any more.
                start_grace_period(stall);
                // It fails if the CPU has gone, and then there is nobody to wait for.
                cpu::ping(place.victim).unwrap_or_default();
            }
        };
        if matches!(asks, Asks::Nothing | Asks::GracePeriod) {
            return Ok(Self { _thread: None });
        }

        let stall = stall.clone();
        let thread = KThread::spawn(c"stall_requester", place.conductor, move |this| {
            while !this.should_stop() {
                if stall.has_begun() && !stall.over() {
                    ask(&stall);
                }
                this.sleep(Delta::from_millis(5));
            }
        })?;
        Ok(Self {
            _thread: Some(thread),
        })
    }
}

#[cfg(CONFIG_TASKS_RCU)]
fn wait_for_tasks() {
    use rcu::{tasks::Tasks, Domain};

    Tasks.synchronize();
}

/// There is nobody to wait for, and no stall to come of it: what the scenario needs is missing.
#[cfg(not(CONFIG_TASKS_RCU))]
fn wait_for_tasks() {}
