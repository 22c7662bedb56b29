// SPDX-License-Identifier: GPL-2.0

//! A CPU that does nothing any more, and takes no interrupt that would wake it.
//!
//! Unlike all the others it cannot end itself: it looks at the clock only when an NMI wakes it. So
//! whoever loads the module has to allow it, and to have a way of sending one.

use crate::{
    may_stop_cpus,
    observer::Class,
    scenario::{
        Need,
        Scenario, //
    },
    stall::Stall, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};
use wrappers::{
    cpu,
    kthread::ThisThread, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "cpu-dead",
    what: "halts with interrupts off, until an NMI after its time",
    expects: |_| &[&[Class::Detected]],
    needs: &[Need {
        what: "allow_cpu_dead=1 of this module, and someone to send an NMI",
        met: || Some(may_stop_cpus()),
    }],
    run: halt_cpu,
    ..Scenario::COMMON
};

fn halt_cpu(stall: &Arc<Stall>, _this: &ThisThread) -> Result {
    let mut wakes = 0;
    cpu::irqs_off(|| {
        stall.begin();
        while !stall.over() {
            cpu::halt();
            wakes += 1;
        }
        stall.end();
    });
    stall.fact("woken by NMIs", wakes)
}
