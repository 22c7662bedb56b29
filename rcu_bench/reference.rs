// SPDX-License-Identifier: GPL-2.0

//! C's side of the benchmark, `reference.c`.

use kernel::{
    error::to_result,
    ffi::{
        c_int,
        c_uint, //
    },
    prelude::*, //
};

/// The most rounds that one run may have: what `reference.c` has room for.
pub(crate) const MOST: u32 = 1000;

// The functions are safe: they have these types, and take any number of rounds from 1 to `MOST`, which is
// all that `operation.rs` asks for, in process context. What they share belongs to one run at a
// time, which the lock around a run sees to.
unsafe extern "C" {
    safe fn rculab_bench_begin() -> c_int;
    safe fn rculab_bench_end();

    pub(crate) safe fn rculab_bench_loop(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_empty(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_read(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_nested(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_bh(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_sched(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_srcu(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_srcu_down(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_srcu_nmisafe(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_srcu_fast(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_srcu_fast_updown(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_publish(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_replace(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_replace_one(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_call_rcu(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_kfree_rcu(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_update_call_rcu(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_update_kfree_rcu(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_synchronize(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_synchronize_expedited(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_poll(n: c_uint) -> i64;

    // In `lists.c`.
    pub(crate) safe fn rculab_bench_list_walk(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_hlist_walk(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_table_lookup(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_list_insert(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_hlist_insert(n: c_uint) -> i64;
    pub(crate) safe fn rculab_bench_list_remove(n: c_uint) -> i64;
}

/// What C's readers read, published as long as this lives.
pub(crate) struct Reference(());

impl Reference {
    pub(crate) fn publish() -> Result<Self> {
        to_result(rculab_bench_begin())?;
        Ok(Self(()))
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        rculab_bench_end();
    }
}
