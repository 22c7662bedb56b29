// SPDX-License-Identifier: GPL-2.0

//! A real-time thread that never gives its CPU up.
//!
//! Interrupts come, and so do softirqs: RCU notices that the CPU is in no reader. Where it is a
//! kthread of RCU that has to say so, as with PREEMPT_RT, that one gets no CPU, unless the kernel was
//! booted with a higher priority for it.

use crate::{
    observer::Class,
    scenario::Scenario,
    stall::Stall, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};
use wrappers::{
    gp_kthread,
    kthread::ThisThread, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "rt-hog",
    what: "spins as a real-time thread",
    expects: |_| {
        if cfg!(CONFIG_PREEMPT_RT) && !is_above_hogs() {
            &[&[Class::SelfDetected, Class::Detected]]
        } else {
            &[]
        }
    },
    run: hog,
    ..Scenario::COMMON
};

/// Whether RCU's kthreads, and with `RCU_BOOST` the readers that they wait for, get the CPU that a
/// thread of [`ThisThread::fifo`] has: `rcutree.kthread_prio=` says so.
pub(super) fn is_above_hogs() -> bool {
    gp_kthread::priority() > ThisThread::FIFO_PRIORITY
}

fn hog(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    let priority = this.fifo(|| stall.spin());
    stall.put_back("priority", priority)
}
