// SPDX-License-Identifier: GPL-2.0

//! The reader of vanilla RCU.

use crate::{
    domain::sealed,
    Reader,
    Vanilla, //
};
use kernel::{
    bindings,
    types::NotThreadSafe, //
};

/// A vanilla RCU read-side critical section.
///
/// Sections nest. A section may be entered in any context (process, softirq, hardirq, NMI) and must
/// not sleep. Dropping the guard ends the section: `rcu_read_unlock()`.
///
/// # Invariants
///
/// The current task is in an RCU read-side critical section that this guard began and no one else
/// ends.
///
/// # Examples
///
/// ```
/// let guard = rcu::read_lock();
/// // What is read through `guard` stays alive up to here.
/// drop(guard);
/// ```
#[must_use = "the read-side critical section ends at once when the guard is unused"]
pub struct Guard(NotThreadSafe);

/// Enters a vanilla RCU read-side critical section: `rcu_read_lock()`.
#[inline(always)]
pub fn read_lock() -> Guard {
    // Where `rcu_read_lock()` is nothing but this exported function, calling it directly saves the
    // detour through a helper. With lockdep, or where a reader only disables preemption, the
    // header's inline does more and the helper is the way to it.
    //
    // SAFETY: Entering a section has no requirements.
    #[cfg(all(CONFIG_PREEMPT_RCU, not(CONFIG_DEBUG_LOCK_ALLOC)))]
    unsafe {
        bindings::__rcu_read_lock()
    };
    // SAFETY: As above.
    #[cfg(not(all(CONFIG_PREEMPT_RCU, not(CONFIG_DEBUG_LOCK_ALLOC))))]
    unsafe {
        bindings::rcu_read_lock()
    };
    // INVARIANT: The section was entered just above; only `drop` leaves it, and the type being
    // `!Send`, it does so on the task that entered.
    Guard(NotThreadSafe)
}

impl Drop for Guard {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: By the type invariants this task is in the section that `read_lock` began, by the
        // same function that is undone here.
        #[cfg(all(CONFIG_PREEMPT_RCU, not(CONFIG_DEBUG_LOCK_ALLOC)))]
        unsafe {
            bindings::__rcu_read_unlock()
        };
        // SAFETY: As above.
        #[cfg(not(all(CONFIG_PREEMPT_RCU, not(CONFIG_DEBUG_LOCK_ALLOC))))]
        unsafe {
            bindings::rcu_read_unlock()
        };
    }
}

impl sealed::Sealed for Guard {}
// SAFETY: By its invariants a guard is a read-side critical section of vanilla RCU.
unsafe impl Reader<Vanilla> for Guard {}

impl sealed::Sealed for kernel::sync::rcu::Guard {}
// SAFETY: The kernel crate's guard is a read-side critical section of vanilla RCU, by its own
// invariants.
unsafe impl Reader<Vanilla> for kernel::sync::rcu::Guard {}
