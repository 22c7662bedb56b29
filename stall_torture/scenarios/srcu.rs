// SPDX-License-Identifier: GPL-2.0

//! A reader of SRCU that does not leave, and an updater that waits: nobody reports that.

use super::unreported::watch;
use crate::{
    scenario::Scenario,
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
use rcu::{
    Cookie,
    Srcu, //
};
use wrappers::kthread::{
    KThread,
    ThisThread, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "srcu",
    what: "sleeps in an SRCU reader that an updater waits for",
    min_cpus: |_| 1,
    run: hold_srcu,
    ..Scenario::COMMON
};

/// A domain, and whether its reader is inside.
#[pin_data]
pub(super) struct Read {
    #[pin]
    domain: Srcu,
    inside: Atomic<bool>,
}

impl Read {
    pub(super) fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            try_pin_init!(Self {
                domain <- rcu::new_srcu!("stall_srcu"),
                inside: Atomic::new(false),
            }),
            GFP_KERNEL,
        )
    }

    /// Is the stall, asleep inside a reader.
    pub(super) fn sleep(&self, stall: &Stall, this: &ThisThread) {
        let guard = self.domain.read_lock();
        // Pairs with the load in `hold_srcu`.
        self.inside.store(true, Release);
        stall.sleep(this);
        drop(guard);
    }
}

fn hold_srcu(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    let read = Read::new()?;
    let reader = KThread::spawn(c"stall_reader", None, {
        let (stall, read) = (stall.clone(), read.clone());
        move |this| read.sleep(&stall, this)
    })?;
    while !read.inside.load(Acquire) {
        this.sleep(Delta::from_millis(1));
    }
    let cookie = Cookie::start(&read.domain);
    let watched = watch(stall, this, "SRCU", || cookie.poll());
    drop(reader);
    watched
}
