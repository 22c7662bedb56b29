// SPDX-License-Identifier: GPL-2.0

//! A CPU that prints a lot with preemption off.
//!
//! Who prints, writes to the console too: how long that takes is up to the console. On a fast one
//! the flood is over before anybody notices. Since 7.3 a kthread writes to a serial port instead, but
//! not what is urgent, as a warning is.

use crate::{
    observer::Class,
    scenario::{
        Param,
        Scenario,
        Values, //
    },
    stall::Stall, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};
use wrappers::{
    console,
    cpu,
    kthread::ThisThread, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "printk-flood",
    what: "prints with preemption off, which takes as long as it takes",
    expects: |_| &[&[Class::SelfDetected, Class::Detected]],
    params: &[
        Param {
            name: "lines",
            values: Values::Number(1, 10_000),
            default: "300, or fewer if the time is up",
        },
        Param {
            name: "kind",
            values: Values::OneOf(&["notice", "warning"]),
            default: "notice; warning: each line is a whole WARN_ON(), which taints the kernel",
        },
    ],
    run: flood,
    ..Scenario::COMMON
};

fn flood(stall: &Arc<Stall>, _this: &ThisThread) -> Result {
    let lines = stall.request().own("lines").unwrap_or(300);
    let warns = stall.request().own("kind") == Some(1);
    let mut printed = 0;
    cpu::preempt_off(|| {
        stall.begin();
        while printed < lines && !stall.over() {
            printed += 1;
            if warns {
                console::warn();
            } else {
                pr_notice!("line {printed} of {lines} of a driver that has a lot to say\n");
            }
        }
        stall.end();
    });
    stall.fact("lines printed", printed)
}
