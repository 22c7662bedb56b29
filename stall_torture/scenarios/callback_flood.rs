// SPDX-License-Identifier: GPL-2.0

//! Callbacks that are queued faster than they are called back.
//!
//! No stall: grace periods go on, and what grows is memory. It pauses where little is left.

use crate::{
    scenario::{
        Param,
        Scenario,
        Values, //
    },
    stall::Stall, //
};
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
    time::Delta, //
};
use rcu::{
    AtomicRcu,
    RcuBox,
    Vanilla, //
};
use wrappers::{
    kthread::ThisThread,
    memory::available_bytes,
    rcu_state::GpSeq, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "callback-flood",
    what: "queues callbacks faster than they are called",
    min_cpus: |_| 1,
    params: &[Param {
        name: "floor",
        values: Values::Number(16, 1 << 20),
        default: "MiB: 128; with less memory available than this it waits",
    }],
    run: flood,
    ..Scenario::COMMON
};

/// How many are queued between two looks at the memory and the clock.
const BATCH: u64 = 1000;

/// What a callback drops.
struct Load {
    dropped: Arc<Atomic<u64>>,
}

impl Drop for Load {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Relaxed);
    }
}

fn flood(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    let floor = stall.request().own("floor").unwrap_or(128) << 20;
    let dropped = Arc::new(Atomic::new(0), GFP_KERNEL)?;
    let cell = AtomicRcu::<RcuBox<Load>, Vanilla>::empty();
    let (mut queued, mut longest, mut pauses) = (0, 0, 0);
    let before = GpSeq::now();

    stall.begin();
    while !stall.over() {
        if available_bytes() < floor {
            pauses += 1;
            this.sleep(Delta::from_millis(10));
            continue;
        }
        for _ in 0..BATCH {
            let load = Load {
                dropped: dropped.clone(),
            };
            // The version before is retired: its callback is queued.
            cell.swap(Some(RcuBox::new(load, GFP_KERNEL)?));
        }
        queued += BATCH;
        longest = longest.max(queued - dropped.load(Relaxed));
        this.yield_cpu();
    }
    stall.end();
    let grace_periods = GpSeq::now().completed() - before.completed();
    drop(cell);
    rcu::barrier();

    stall.fact("callbacks queued", queued)?;
    stall.fact("longest queue", longest)?;
    stall.fact("grace periods", grace_periods as u64)?;
    stall.fact("pauses for memory", pauses)
}
