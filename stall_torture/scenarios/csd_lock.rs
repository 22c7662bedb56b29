// SPDX-License-Identifier: GPL-2.0

//! A CPU that waits for another one's answer to an interrupt.
//!
//! The other one has its interrupts off. The CPU that asked spins meanwhile, and is stuck as well.
//! Where the kernel watches such calls, it names the two; and it can be told to leave it at that
//! and say no more about the RCU stall that follows.

use super::irqs_off::hold_cpu_without_interrupts;
use crate::{
    observer::Class,
    scenario::{
        Asks,
        Need,
        Param,
        Scenario,
        Values, //
    },
    trigger::Request, //
};
use kernel::time::Delta;
use wrappers::rcu_state::stall_timeout;

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "csd-lock",
    what: "another CPU waits for the answer of one with interrupts off",
    expects: |request| {
        if is_before_the_call(request) {
            &[&[Class::Detected]]
        } else if is_suppressed(request) {
            &[&[Class::CsdLock], &[Class::Suppressed]]
        } else {
            &[&[Class::CsdLock]]
        }
    },
    timeout: |request| {
        if is_before_the_call(request) || is_suppressed(request) {
            stall_timeout()
        } else {
            call_timeout(request)
        }
    },
    asks: Asks::Interrupt,
    needs: &[
        Need {
            what: "CONFIG_CSD_LOCK_WAIT_DEBUG",
            met: || Some(cfg!(CONFIG_CSD_LOCK_WAIT_DEBUG)),
        },
        Need {
            what: "csdlock_debug=1 on the kernel's command line",
            met: || None,
        },
    ],
    params: &[
        Param {
            name: "timeout",
            values: Values::Number(1, 3600),
            default: "s: 5; what csd_lock_timeout of the kernel is set to",
        },
        Param {
            name: "suppress",
            values: Values::OneOf(&["no", "yes"]),
            default: "no; whether rcutree.csd_lock_suppress_rcu_stall is set",
        },
    ],
    run: hold_cpu_without_interrupts,
    ..Scenario::COMMON
};

/// How long a call may wait before the kernel says so.
fn call_timeout(request: &Request) -> Delta {
    Delta::from_secs(request.own("timeout").unwrap_or(5) as i64)
}

/// Whether the RCU stall is reported before the kernel says anything of the call.
fn is_before_the_call(request: &Request) -> bool {
    stall_timeout() < call_timeout(request)
}

fn is_suppressed(request: &Request) -> bool {
    request.own("suppress") == Some(1)
}
