// SPDX-License-Identifier: GPL-2.0

//! Readers: enter a section, follow the pointer, look at what is there, leave.

use crate::{
    operation::{
        times,
        Operation,
        MANY, //
    },
    reference, //
};
use core::hint::black_box;
use kernel::prelude::*;
use rcu::{
    AtomicRcu,
    Claim,
    RcuBox, //
};

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "empty section",
        rounds: MANY,
        c: reference::rculab_bench_empty,
        rust: empty,
    },
    Operation {
        name: "read",
        rounds: MANY,
        c: reference::rculab_bench_read,
        rust: read,
    },
    Operation {
        name: "read, kernel crate's guard",
        rounds: MANY,
        c: reference::rculab_bench_read,
        rust: read_kernel_crate,
    },
    Operation {
        name: "read, nested",
        rounds: MANY,
        c: reference::rculab_bench_nested,
        rust: nested,
    },
    Operation {
        name: "read, bh",
        rounds: MANY,
        c: reference::rculab_bench_bh,
        rust: bh,
    },
    Operation {
        name: "read, sched",
        rounds: MANY,
        c: reference::rculab_bench_sched,
        rust: sched,
    },
];

/// The loop that all others have around what they measure.
pub(crate) const LOOP: Operation = Operation {
    name: "loop",
    rounds: MANY,
    c: reference::rculab_bench_loop,
    rust: |rounds| Ok(times(rounds, || black_box(()))),
};

/// What readers read.
static PUBLISHED: AtomicRcu<RcuBox<u64>> = AtomicRcu::empty();

/// Publishes it, as long as what is returned lives.
pub(crate) fn publish() -> Result<Claim<u64>> {
    let claim = PUBLISHED.claim().ok_or(EBUSY)?;
    drop(PUBLISHED.swap(Some(RcuBox::new(0, GFP_KERNEL)?)));
    Ok(claim)
}

/// What a reader does with the pointer that it follows.
#[inline(always)]
fn look(target: Option<&u64>) -> u64 {
    target.copied().unwrap_or(0)
}

fn empty(rounds: u32) -> Result<u64> {
    Ok(times(rounds, || drop(rcu::read_lock())))
}

fn read(rounds: u32) -> Result<u64> {
    let mut sum = 0;
    let ticks = times(rounds, || sum += look(PUBLISHED.read(&rcu::read_lock())));
    black_box(sum);
    Ok(ticks)
}

fn read_kernel_crate(rounds: u32) -> Result<u64> {
    let mut sum = 0;
    let ticks = times(rounds, || {
        sum += look(PUBLISHED.read(&kernel::sync::rcu::read_lock()));
    });
    black_box(sum);
    Ok(ticks)
}

fn nested(rounds: u32) -> Result<u64> {
    let mut sum = 0;
    let ticks = times(rounds, || {
        let _outer = rcu::read_lock();
        sum += look(PUBLISHED.read(&rcu::read_lock()));
    });
    black_box(sum);
    Ok(ticks)
}

fn bh(rounds: u32) -> Result<u64> {
    let mut sum = 0;
    let ticks = times(rounds, || sum += look(PUBLISHED.read(&rcu::read_lock_bh())));
    black_box(sum);
    Ok(ticks)
}

fn sched(rounds: u32) -> Result<u64> {
    let mut sum = 0;
    let ticks = times(rounds, || {
        sum += look(PUBLISHED.read(&rcu::read_lock_sched()))
    });
    black_box(sum);
    Ok(ticks)
}
