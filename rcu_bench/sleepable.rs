// SPDX-License-Identifier: GPL-2.0

//! Sections of static SRCU domains, of each kind of reader.

use crate::{
    operation::{
        times,
        Operation,
        MANY, //
    },
    reference,
    BenchFast,
    BenchFastUpDown,
    BenchNmiSafe,
    BenchNormal, //
};
use kernel::prelude::*;
use rcu::srcu::Handle;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "srcu section",
        rounds: MANY,
        c: reference::rculab_bench_srcu,
        rust: |rounds| section(BenchNormal, rounds),
    },
    Operation {
        name: "srcu down and up",
        rounds: MANY,
        c: reference::rculab_bench_srcu_down,
        rust: |rounds| Ok(times(rounds, || drop(BenchNormal.down_read()))),
    },
    Operation {
        name: "srcu-nmisafe section",
        rounds: MANY,
        c: reference::rculab_bench_srcu_nmisafe,
        rust: |rounds| section(BenchNmiSafe, rounds),
    },
    Operation {
        name: "srcu-fast section",
        rounds: MANY,
        c: reference::rculab_bench_srcu_fast,
        rust: |rounds| section(BenchFast, rounds),
    },
    Operation {
        name: "srcu-fast-updown section",
        rounds: MANY,
        c: reference::rculab_bench_srcu_fast_updown,
        rust: |rounds| section(BenchFastUpDown, rounds),
    },
];

#[inline(always)]
fn section(domain: impl Handle, rounds: u32) -> Result<u64> {
    Ok(times(rounds, || drop(domain.read_lock())))
}
