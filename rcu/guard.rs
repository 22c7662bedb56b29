// SPDX-License-Identifier: GPL-2.0

//! The readers of vanilla RCU: plain, with softirqs disabled, with preemption disabled.
//!
//! Since Linux 5.0 one grace period waits for all three.

use crate::{
    domain::sealed,
    sys,
    Reader,
    Vanilla, //
};
use core::{
    ops::Deref,
    ptr::NonNull, //
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

/// Enters a vanilla RCU read-side critical section: `rcu_read_lock()`. Any context.
///
/// # Examples
///
/// ```
/// let outer = rcu::read_lock();
/// // Sections nest, and end in any order.
/// let inner = rcu::read_lock();
/// drop(outer);
/// drop(inner);
/// ```
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

const _: () = assert!(size_of::<kernel::sync::rcu::Guard>() == 0);

/// For the kernel crate's functions that want to see its own guard.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use kernel::revocable::Revocable;
///
/// let data = KBox::pin_init(Revocable::new(7), GFP_KERNEL)?;
/// let guard = rcu::read_lock();
/// assert_eq!(data.try_access_with_guard(&guard).copied(), Some(7));
/// # Ok::<(), Error>(())
/// ```
impl Deref for Guard {
    type Target = kernel::sync::rcu::Guard;

    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        // SAFETY: The type has no size, so any aligned pointer but null is valid for it. Its
        // invariant, that the RCU read side is locked, holds while `self` is borrowed, and a
        // shared reference does not let it be dropped, which would unlock.
        unsafe { NonNull::dangling().as_ref() }
    }
}

impl sealed::Sealed for kernel::sync::rcu::Guard {}
// SAFETY: The kernel crate's guard is a read-side critical section of vanilla RCU, by its own
// invariants.
unsafe impl Reader<Vanilla> for kernel::sync::rcu::Guard {}

/// A vanilla RCU read-side critical section in which softirqs are disabled too.
///
/// For data that softirq handlers update. Sections nest. A section may be entered in any context
/// but hardirq and NMI, and must not sleep. Dropping the guard ends it: `rcu_read_unlock_bh()`,
/// which must not happen with interrupts disabled.
///
/// With `CONFIG_PREEMPT_RT`, where softirqs are threads, it is a plain section: there, softirqs must
/// be enabled in the reverse order of all that was disabled before, which no type can ask of a guard.
///
/// # Invariants
///
/// As [`Guard`]'s, for `rcu_read_lock_bh()`, or `rcu_read_lock()` with `CONFIG_PREEMPT_RT`.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::{AtomicRcu, RcuBox};
/// let cell = AtomicRcu::<RcuBox<u32>>::new(RcuBox::new(7, GFP_KERNEL)?);
/// assert_eq!(cell.read(&rcu::read_lock_bh()).copied(), Some(7));
/// # Ok::<(), Error>(())
/// ```
#[must_use = "the read-side critical section ends at once when the guard is unused"]
pub struct BhGuard(NotThreadSafe);

/// Enters a section in which softirqs are disabled too: `rcu_read_lock_bh()`. Any context but
/// hardirq and NMI.
///
/// # Examples
///
/// ```
/// let guard = rcu::read_lock_bh();
/// // No softirq handler runs on this CPU up to here.
/// drop(guard);
/// ```
#[inline]
pub fn read_lock_bh() -> BhGuard {
    // SAFETY: Entering a section has no requirements.
    unsafe { sys::rculab_rcu_read_lock_bh() };
    // INVARIANT: The section was entered just above, and only `drop` leaves it, on the same task.
    BhGuard(NotThreadSafe)
}

impl Drop for BhGuard {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the type invariants this task is in the section.
        unsafe { sys::rculab_rcu_read_unlock_bh() }
    }
}

impl sealed::Sealed for BhGuard {}
// SAFETY: A section of `rcu_read_lock_bh()` is one that vanilla grace periods wait for, as is a plain
// one.
unsafe impl Reader<Vanilla> for BhGuard {}

/// A vanilla RCU read-side critical section in which preemption is disabled too.
///
/// Sections nest. A section may be entered in any context and must not sleep. Dropping the guard
/// ends it: `rcu_read_unlock_sched()`.
///
/// # Invariants
///
/// As [`Guard`]'s, for `rcu_read_lock_sched()`.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::{AtomicRcu, RcuBox};
/// let cell = AtomicRcu::<RcuBox<u32>>::new(RcuBox::new(7, GFP_KERNEL)?);
/// assert_eq!(cell.read(&rcu::read_lock_sched()).copied(), Some(7));
/// # Ok::<(), Error>(())
/// ```
#[must_use = "the read-side critical section ends at once when the guard is unused"]
pub struct SchedGuard(NotThreadSafe);

/// Enters a section in which preemption is disabled too: `rcu_read_lock_sched()`. Any context.
///
/// # Examples
///
/// ```
/// let guard = rcu::read_lock_sched();
/// // This task stays on its CPU up to here.
/// drop(guard);
/// ```
#[inline]
pub fn read_lock_sched() -> SchedGuard {
    // SAFETY: Entering a section has no requirements.
    unsafe { sys::rculab_rcu_read_lock_sched() };
    // INVARIANT: The section was entered just above, and only `drop` leaves it, on the same task.
    SchedGuard(NotThreadSafe)
}

impl Drop for SchedGuard {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the type invariants this task is in the section.
        unsafe { sys::rculab_rcu_read_unlock_sched() }
    }
}

impl sealed::Sealed for SchedGuard {}
// SAFETY: A section of `rcu_read_lock_sched()` is one that vanilla grace periods wait for.
unsafe impl Reader<Vanilla> for SchedGuard {}
