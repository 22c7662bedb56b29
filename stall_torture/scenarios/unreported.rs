// SPDX-License-Identifier: GPL-2.0

//! Grace periods whose stalls no part of the kernel reports.

use crate::stall::Stall;
use kernel::{
    prelude::*,
    time::Delta, //
};
use wrappers::{
    kthread::ThisThread,
    rcu_state::stall_timeout,
    time::mono_fast_ns, //
};

/// Looks after a grace period of `flavour` from the begin of the stall until it `is_over`, and does
/// what the kernel does not: says when it has lasted for as long as a stall of vanilla RCU.
pub(super) fn watch(
    stall: &Stall,
    this: &ThisThread,
    flavour: &str,
    mut is_over: impl FnMut() -> bool,
) -> Result {
    let timeout = stall_timeout();
    let mut noticed_ms = None;
    stall.begin();
    while !is_over() {
        let age_ms = stall.since_begin(mono_fast_ns()) / 1_000_000;
        if noticed_ms.is_none() && age_ms >= timeout.as_millis() as u64 {
            noticed_ms = Some(age_ms);
            pr_notice!(
                "a grace period of {flavour} waits for {age_ms} ms: the kernel says nothing\n"
            );
        }
        this.sleep(Delta::from_millis(20));
    }
    stall.fact(
        "grace period, ms",
        stall.since_begin(mono_fast_ns()) / 1_000_000,
    )?;
    match noticed_ms {
        Some(age_ms) => stall.fact("noticed after, ms", age_ms),
        None => Ok(()),
    }
}
