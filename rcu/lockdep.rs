// SPDX-License-Identifier: GPL-2.0

//! What lockdep knows about the sections that the current context is in.
//!
//! For code that relies on its caller's section without seeing the guard. The questions have a real
//! answer only in a kernel that keeps track (`DEBUG_LOCK_ALLOC`), and only until lockdep turns
//! itself off, which it does with its first report; else the answer is `None`. The assertions warn
//! where the kernel proves its use of RCU (`PROVE_RCU`), and are no code at all elsewhere.
//!
//! C header: [`include/linux/rcupdate.h`](srctree/include/linux/rcupdate.h)

/// The answer of one of the kernel's `…_held()` functions, if lockdep keeps track.
macro_rules! held {
    ($($held:tt)*) => {{
        #[cfg(CONFIG_DEBUG_LOCK_ALLOC)]
        // SAFETY: Both look at the state of lockdep, in any context.
        let answer = unsafe {
            (::kernel::bindings::debug_lockdep_rcu_enabled() != 0).then(|| $($held)* != 0)
        };
        #[cfg(not(CONFIG_DEBUG_LOCK_ALLOC))]
        let answer = None;
        answer
    }};
}
pub(crate) use held;

/// Calls a helper that holds one of the kernel's assertions, where they are any code.
macro_rules! assertion {
    ($($call:tt)*) => {
        // SAFETY: It looks at the state of lockdep, in any context.
        #[cfg(CONFIG_PROVE_RCU)]
        unsafe {
            $($call)*
        }
    };
}
pub(crate) use assertion;

/// Whether the caller is in a section of `rcu_read_lock()`: `rcu_read_lock_held()`. Any context.
///
/// # Examples
///
/// ```
/// use rcu::lockdep;
///
/// let guard = rcu::read_lock();
/// assert_ne!(lockdep::read_lock_held(), Some(false));
/// drop(guard);
/// assert_ne!(lockdep::read_lock_held(), Some(true));
/// ```
#[inline]
pub fn read_lock_held() -> Option<bool> {
    held!(::kernel::bindings::rcu_read_lock_held())
}

/// Whether softirqs or interrupts are disabled for the caller: `rcu_read_lock_bh_held()`. Any
/// context.
///
/// # Examples
///
/// ```
/// use rcu::lockdep;
///
/// let _guard = rcu::read_lock_bh();
/// assert_ne!(lockdep::read_lock_bh_held(), Some(false));
/// ```
#[inline]
pub fn read_lock_bh_held() -> Option<bool> {
    held!(::kernel::bindings::rcu_read_lock_bh_held())
}

/// Whether preemption is disabled for the caller: `rcu_read_lock_sched_held()`. Any context.
///
/// # Examples
///
/// ```
/// use rcu::lockdep;
///
/// let _guard = rcu::read_lock_sched();
/// assert_ne!(lockdep::read_lock_sched_held(), Some(false));
/// ```
#[inline]
pub fn read_lock_sched_held() -> Option<bool> {
    held!(::kernel::bindings::rcu_read_lock_sched_held())
}

/// Whether vanilla grace periods wait for the caller: `rcu_read_lock_any_held()`. Any context.
///
/// # Examples
///
/// ```
/// use rcu::lockdep;
///
/// let _guard = rcu::read_lock_bh();
/// assert_ne!(lockdep::read_lock_any_held(), Some(false));
/// ```
#[inline]
pub fn read_lock_any_held() -> Option<bool> {
    held!(::kernel::bindings::rcu_read_lock_any_held())
}

/// Warns unless the caller is in a section of `rcu_read_lock()`:
/// `lockdep_assert_in_rcu_read_lock()`. Any context.
///
/// # Examples
///
/// ```
/// fn called_by_readers() {
///     rcu::lockdep::assert_in_read_lock();
/// }
///
/// let _guard = rcu::read_lock();
/// called_by_readers();
/// ```
#[inline]
pub fn assert_in_read_lock() {
    assertion!(crate::sys::rculab_assert_in_rcu_read_lock());
}

/// Warns unless the caller is in a section of `rcu_read_lock_bh()`, for which disabling softirqs
/// in another way does not do: `lockdep_assert_in_rcu_read_lock_bh()`. Any context.
///
/// # Examples
///
/// ```
/// let _guard = rcu::read_lock_bh();
/// rcu::lockdep::assert_in_read_lock_bh();
/// ```
#[inline]
pub fn assert_in_read_lock_bh() {
    assertion!(crate::sys::rculab_assert_in_rcu_read_lock_bh());
}

/// Warns unless the caller is in a section of `rcu_read_lock_sched()`, for which disabling
/// preemption in another way does not do: `lockdep_assert_in_rcu_read_lock_sched()`. Any context.
///
/// # Examples
///
/// ```
/// let _guard = rcu::read_lock_sched();
/// rcu::lockdep::assert_in_read_lock_sched();
/// ```
#[inline]
pub fn assert_in_read_lock_sched() {
    assertion!(crate::sys::rculab_assert_in_rcu_read_lock_sched());
}

/// Warns unless vanilla grace periods wait for the caller, for whatever reason:
/// `lockdep_assert_in_rcu_reader()`. Any context.
///
/// # Examples
///
/// ```
/// let _guard = rcu::read_lock_sched();
/// rcu::lockdep::assert_in_reader();
/// ```
#[inline]
pub fn assert_in_reader() {
    assertion!(crate::sys::rculab_assert_in_rcu_reader());
}
