// SPDX-License-Identifier: GPL-2.0

//! A reader that is kept off its CPU by a thread of higher priority.
//!
//! The reader would leave if it were let. What the kernel's fair server gives it, 50 ms a second,
//! is not enough.

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
    name: "reader-preempted",
    what: "a real-time thread keeps a reader off its CPU",
    expects: |_| &[&[Class::TasksBlocked]],
    run: starve_reader,
    ..Scenario::COMMON
};

fn starve_reader(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    let inside = Arc::new(Atomic::new(false), GFP_KERNEL)?;
    let reader = KThread::spawn(c"stall_reader", Some(CpuId::current()), {
        let (stall, inside) = (stall.clone(), inside.clone());
        move |_| {
            let guard = rcu::read_lock();
            // Pairs with the load below.
            inside.store(true, Release);
            while !stall.over() {
                cpu_relax();
            }
            drop(guard);
        }
    })?;
    while !inside.load(Acquire) {
        this.sleep(Delta::from_millis(1));
    }
    let priority = this.fifo(|| stall.spin());
    drop(reader);
    stall.put_back("priority", priority)
}
