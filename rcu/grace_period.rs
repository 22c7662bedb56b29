// SPDX-License-Identifier: GPL-2.0

//! Waiting for vanilla RCU's grace periods.

use crate::{
    Domain,
    Vanilla, //
};

/// Waits until every vanilla reader that is there now has left: `synchronize_rcu()`.
///
/// Process context, sleeps.
#[inline]
pub fn synchronize() {
    Vanilla.synchronize();
}

/// As [`synchronize`], sooner, at the price of disturbing other CPUs: `synchronize_rcu_expedited()`.
///
/// Process context, sleeps.
#[inline]
pub fn synchronize_expedited() {
    Vanilla.synchronize_expedited();
}

/// Waits until every callback queued before has run: `rcu_barrier()`.
///
/// What a callback leaves to the worker (see [`RcuBox`](crate::RcuBox)) may be dropped later, and
/// what `kvfree_rcu()` frees may be freed later. Process context, sleeps.
#[inline]
pub fn barrier() {
    Vanilla.barrier();
}
