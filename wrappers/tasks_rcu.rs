// SPDX-License-Identifier: GPL-2.0

//! Tasks RCU and Tasks Trace RCU, as far as somebody waits or reads.
//!
//! C headers: [`include/linux/rcupdate.h`](srctree/include/linux/rcupdate.h),
//! [`include/linux/rcupdate_trace.h`](srctree/include/linux/rcupdate_trace.h)

use crate::sys;
use kernel::types::NotThreadSafe;

/// Waits until every task has switched voluntarily, been idle or run in user space:
/// `synchronize_rcu_tasks()`. Process context, sleeps.
pub fn synchronize() {
    // SAFETY: May be called in any process context.
    unsafe { sys::rculab_synchronize_rcu_tasks() };
}

/// Waits for every reader of Tasks Trace RCU: `synchronize_rcu_tasks_trace()`. Process context,
/// sleeps.
pub fn synchronize_trace() {
    // SAFETY: May be called in any process context.
    unsafe { sys::rculab_synchronize_rcu_tasks_trace() };
}

/// A read-side critical section of Tasks Trace RCU, which may sleep.
///
/// # Invariants
///
/// The current task is inside the section.
#[must_use = "the section ends as soon as this is dropped"]
pub struct TraceGuard(NotThreadSafe);

/// Enters a read-side critical section of Tasks Trace RCU: `rcu_read_lock_trace()`. Process context.
pub fn read_lock_trace() -> TraceGuard {
    // SAFETY: May be called in any process context.
    unsafe { sys::rculab_rcu_read_lock_trace() };
    // INVARIANT: Just entered, and the type being `!Send`, by this task.
    TraceGuard(NotThreadSafe)
}

impl Drop for TraceGuard {
    fn drop(&mut self) {
        // SAFETY: By the type invariants.
        unsafe { sys::rculab_rcu_read_unlock_trace() };
    }
}
