// SPDX-License-Identifier: GPL-2.0

//! A reader that is kept off its CPU by a thread of higher priority.
//!
//! The reader would leave if it were let. What the kernel's fair server gives it, 50 ms a second,
//! is not enough. `RCU_BOOST` is, if it lends the reader a priority above that thread's.

use super::{
    grace_period::PREEMPTIBLE_READERS,
    rt_hog::is_above_hogs, //
};
use crate::{
    observer::Class,
    scenario::Scenario,
    stall::Stall, //
};
use kernel::{
    cpu::CpuId,
    prelude::*,
    processor::cpu_relax,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
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
    time::mono_fast_ns, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "reader-preempted",
    what: "a real-time thread keeps a reader off its CPU",
    expects: |_| {
        if cfg!(CONFIG_RCU_BOOST) && is_above_hogs() {
            &[]
        } else if cfg!(CONFIG_PREEMPT_RT) {
            // The CPU's own kthread is starved too, and the CPU tells of that.
            &[&[Class::SelfDetected, Class::Detected]]
        } else {
            &[&[Class::TasksBlocked]]
        }
    },
    needs: &[PREEMPTIBLE_READERS],
    run: starve_reader,
    ..Scenario::COMMON
};

/// A reader, and what became of it.
struct Reader {
    inside: Atomic<bool>,
    /// When it left, in nanoseconds of the monotonic clock.
    left: Atomic<u64>,
}

impl Reader {
    /// What is longer than this between two looks at the clock, others had.
    const SLICE_NS: u64 = 1_000_000;

    /// Reads until it has had the CPU for a quarter of the stall, which it does not get during it,
    /// or until that is over.
    fn read(&self, stall: &Stall) {
        let guard = rcu::read_lock();
        // Pairs with the load in `starve_reader`.
        self.inside.store(true, Release);
        let enough_ns = stall.length().as_nanos() as u64 / 4;
        let (mut had_ns, mut last) = (0, mono_fast_ns());
        while had_ns < enough_ns && !stall.over() {
            cpu_relax();
            let now = mono_fast_ns();
            let passed = now.saturating_sub(last);
            if passed < Self::SLICE_NS {
                had_ns += passed;
            }
            last = now;
        }
        self.left.store(last, Relaxed);
        drop(guard);
    }
}

fn starve_reader(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    let reader = Reader {
        inside: Atomic::new(false),
        left: Atomic::new(0),
    };
    let reader = Arc::new(reader, GFP_KERNEL)?;
    let thread = KThread::spawn(c"stall_reader", Some(CpuId::current()), {
        let (stall, reader) = (stall.clone(), reader.clone());
        move |_| reader.read(&stall)
    })?;
    while !reader.inside.load(Acquire) {
        this.sleep(Delta::from_millis(1));
    }
    let priority = this.fifo(|| stall.spin());
    drop(thread);
    let held = stall.since_begin(reader.left.load(Relaxed));
    stall.fact("reader left after, ms", held / 1_000_000)?;
    stall.put_back("priority", priority)
}
