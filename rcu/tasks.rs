// SPDX-License-Identifier: GPL-2.0

//! Tasks RCU and Tasks Trace RCU: for code that is patched, traced and probed.
//!
//! What of it there is, the kernel's configuration says, and so does the compiler: an item that
//! does nothing on the kernel at hand does not exist there, and its `cfg` is named in the error.
//!
//! | item | exists with | its readers |
//! |---|---|---|
//! | [`Tasks`] | `TASKS_RCU` | whatever a task does between two voluntary context switches |
//! | [`Trace`] | `TASKS_TRACE_RCU` | [`TraceGuard`] |
//! | `synchronize_rude` | `TASKS_RUDE_RCU`, and the architecture needs it or it is forced | code that runs with preemption disabled where RCU does not watch |
//!
//! Grace periods of these take long: tenths of a second, or more.
//!
//! C headers: [`include/linux/rcupdate.h`](srctree/include/linux/rcupdate.h),
//! [`include/linux/rcupdate_trace.h`](srctree/include/linux/rcupdate_trace.h)

#[cfg(any(CONFIG_TASKS_RCU, CONFIG_TASKS_TRACE_RCU))]
use crate::{
    domain::{
        sealed,
        Callback, //
    },
    Domain,
    Global, //
};
#[cfg(any(CONFIG_TASKS_RCU, CONFIG_TASKS_TRACE_RCU, CONFIG_TASKS_RUDE_RCU))]
use kernel::bindings;
#[cfg(CONFIG_TASKS_TRACE_RCU)]
use {
    crate::{
        lockdep,
        sys,
        Reader, //
    },
    kernel::types::NotThreadSafe,
};

/// Tasks RCU: `synchronize_rcu_tasks()`, `call_rcu_tasks()`.
///
/// A grace period ends when every task has switched context of its own accord, or run in user mode,
/// or was idle. Preemption does not count, so that what a task is in the middle of executing stays.
/// There is nothing to enter and so no guard: a cell can retire to this domain, and nobody can read
/// it. It is for what is reached in other ways, by [`Domain::retire`].
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::{tasks::Tasks, Domain, RcuBox};
///
/// let trampoline = RcuBox::new([0xcc_u8; 16], GFP_KERNEL)?;
/// // ... no function jumps to it any more ...
/// Tasks.retire(trampoline).call_rcu();
/// # Ok::<(), Error>(())
/// ```
#[cfg(CONFIG_TASKS_RCU)]
#[derive(Clone, Copy)]
pub struct Tasks;

#[cfg(CONFIG_TASKS_RCU)]
impl sealed::Sealed for Tasks {}

#[cfg(CONFIG_TASKS_RCU)]
impl Global for Tasks {
    const DOMAIN: Self = Tasks;
}

#[cfg(CONFIG_TASKS_RCU)]
// SAFETY: The domain has no `Reader`. The methods are the kernel's functions for it.
unsafe impl Domain for Tasks {
    #[inline]
    fn synchronize(self) {
        // SAFETY: May be called in any process context.
        unsafe { bindings::synchronize_rcu_tasks() }
    }

    #[inline]
    fn barrier(self) {
        // SAFETY: As above.
        unsafe { bindings::rcu_barrier_tasks() }
    }

    #[inline]
    unsafe fn call(self, head: *mut bindings::callback_head, func: Callback) {
        // SAFETY: The caller hands over `head`, and `func` fits it.
        unsafe { bindings::call_rcu_tasks(head, Some(func)) }
    }
}

/// Tasks Trace RCU: `rcu_read_lock_trace()`, `synchronize_rcu_tasks_trace()`,
/// `call_rcu_tasks_trace()`.
///
/// Its readers may sleep, and cost about as much as vanilla ones. There is one such domain in the
/// kernel, which BPF and tracing use: a reader that stays long holds them up. A module's own data
/// belongs in an [`Srcu`](crate::Srcu) domain of its own.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::{tasks::{self, Trace}, AtomicRcu, RcuBox};
///
/// let hook = AtomicRcu::<RcuBox<u32>, Trace>::new(RcuBox::new(7, GFP_KERNEL)?);
/// let guard = tasks::read_lock_trace();
/// assert_eq!(hook.read(&guard).copied(), Some(7));
/// drop(guard);
/// if let Some(old) = hook.swap(None) {
///     assert_eq!(*old.synchronize(), 7);
/// }
/// # Ok::<(), Error>(())
/// ```
#[cfg(CONFIG_TASKS_TRACE_RCU)]
#[derive(Clone, Copy)]
pub struct Trace;

#[cfg(CONFIG_TASKS_TRACE_RCU)]
impl Trace {
    /// Hurries the grace period that is running, and may start one:
    /// `rcu_tasks_trace_expedite_current()`. Any context but NMI.
    ///
    /// # Examples
    ///
    /// ```
    /// use rcu::tasks::Trace;
    ///
    /// Trace.expedite_current();
    /// ```
    #[inline]
    pub fn expedite_current(self) {
        // SAFETY: It has no requirements.
        unsafe { sys::rculab_rcu_tasks_trace_expedite_current() }
    }

    /// Whether the caller is in a section: `rcu_read_lock_trace_held()`, with an answer as in
    /// [`lockdep`]. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// use rcu::tasks::{self, Trace};
    ///
    /// let _guard = tasks::read_lock_trace();
    /// assert_ne!(Trace.read_lock_held(), Some(false));
    /// ```
    #[inline]
    pub fn read_lock_held(self) -> Option<bool> {
        lockdep::held!(sys::rculab_rcu_read_lock_trace_held())
    }
}

#[cfg(CONFIG_TASKS_TRACE_RCU)]
impl sealed::Sealed for Trace {}

#[cfg(CONFIG_TASKS_TRACE_RCU)]
impl Global for Trace {
    const DOMAIN: Self = Trace;
}

#[cfg(CONFIG_TASKS_TRACE_RCU)]
// SAFETY: The methods are the kernel's functions for Tasks Trace RCU, whose grace periods wait for
// the sections that `rcu_read_lock_trace()` begins.
unsafe impl Domain for Trace {
    #[inline]
    fn synchronize(self) {
        // SAFETY: May be called in any process context.
        unsafe { sys::rculab_synchronize_rcu_tasks_trace() }
    }

    #[inline]
    fn barrier(self) {
        // SAFETY: As above.
        unsafe { sys::rculab_rcu_barrier_tasks_trace() }
    }

    #[inline]
    unsafe fn call(self, head: *mut bindings::callback_head, func: Callback) {
        // SAFETY: The caller hands over `head`, and `func` fits it.
        unsafe { sys::rculab_call_rcu_tasks_trace(head, func) }
    }
}

/// A read-side critical section of Tasks Trace RCU.
///
/// Sections nest, and may sleep if their context may. Dropping the guard ends the section, on the
/// task that began it: `rcu_read_unlock_trace()`. A guard that is leaked holds up every grace period
/// of the domain for ever.
///
/// # Invariants
///
/// The current task is in a section that this guard began and no one else ends.
///
/// # Examples
///
/// ```
/// # use kernel::time::{delay::fsleep, Delta};
/// let guard = rcu::tasks::read_lock_trace();
/// fsleep(Delta::from_millis(1));
/// drop(guard);
/// ```
#[cfg(CONFIG_TASKS_TRACE_RCU)]
#[must_use = "the read-side critical section ends at once when the guard is unused"]
pub struct TraceGuard(NotThreadSafe);

/// Enters a section: `rcu_read_lock_trace()`. Any context in which RCU watches.
///
/// # Examples
///
/// ```
/// let outer = rcu::tasks::read_lock_trace();
/// let inner = rcu::tasks::read_lock_trace();
/// drop((outer, inner));
/// ```
#[cfg(CONFIG_TASKS_TRACE_RCU)]
#[inline(always)]
pub fn read_lock_trace() -> TraceGuard {
    // SAFETY: Entering a section has no requirements.
    unsafe { sys::rculab_rcu_read_lock_trace() };
    // INVARIANT: The section was entered just above, and only `drop` leaves it, on the same task.
    TraceGuard(NotThreadSafe)
}

#[cfg(CONFIG_TASKS_TRACE_RCU)]
impl Drop for TraceGuard {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: By the type invariants this task is in the section.
        unsafe { sys::rculab_rcu_read_unlock_trace() }
    }
}

#[cfg(CONFIG_TASKS_TRACE_RCU)]
impl sealed::Sealed for TraceGuard {}
#[cfg(CONFIG_TASKS_TRACE_RCU)]
// SAFETY: By its invariants a guard is a section of Tasks Trace RCU.
unsafe impl Reader<Trace> for TraceGuard {}

/// Waits until every CPU has switched context, idle ones too: `synchronize_rcu_tasks_rude()`.
///
/// Where an architecture keeps code out of the places that RCU does not watch (as x86 does,
/// `ARCH_WANTS_NO_INSTR`) nobody needs this, the kernel's function does nothing, and this one does
/// not exist, unless the kernel is made to have it (`FORCE_TASKS_RUDE_RCU`, for its own tests): use
/// [`Tasks`] there. It cannot be called back. Process context, sleeps.
///
/// # Examples
///
/// ```
/// #[cfg(all(
///     CONFIG_TASKS_RUDE_RCU,
///     any(not(CONFIG_ARCH_WANTS_NO_INSTR), CONFIG_FORCE_TASKS_RUDE_RCU)
/// ))]
/// rcu::tasks::synchronize_rude();
/// ```
#[cfg(all(
    CONFIG_TASKS_RUDE_RCU,
    any(not(CONFIG_ARCH_WANTS_NO_INSTR), CONFIG_FORCE_TASKS_RUDE_RCU)
))]
#[inline]
pub fn synchronize_rude() {
    // SAFETY: May be called in any process context.
    unsafe { bindings::synchronize_rcu_tasks_rude() }
}
