// SPDX-License-Identifier: GPL-2.0

//! Domains: who reads, who waits for whom, who calls back.

use crate::reclaim;
use kernel::{
    bindings,
    ffi::{
        c_ulong,
        c_void, //
    }, //
};

pub(crate) mod sealed {
    /// Keeps this crate the only implementor, since its proofs lean on what it implements.
    pub trait Sealed {}
}

/// A function that RCU calls back after a grace period.
pub(crate) type Callback = unsafe extern "C" fn(head: *mut bindings::callback_head);

/// A domain of RCU: readers, grace periods that wait for them, and callbacks after those.
///
/// A value is a handle to the domain: it has no size for a domain that there is one of, and is a
/// reference for one that a module owns, so that the domain outlives what waits for it.
///
/// # Safety
///
/// A grace period of the domain ends only after every [`Reader`] of it that was there at its start
/// is gone.
pub unsafe trait Domain: Copy + sealed::Sealed {
    /// What remembers a grace period that was asked for.
    type Cookie: Copy;

    /// Waits for a grace period. Process context, sleeps.
    fn synchronize(self);

    /// Waits for a grace period that disturbs other CPUs to end sooner. Process context, sleeps.
    fn synchronize_expedited(self);

    /// Waits until every callback that was queued before has run. Process context, sleeps.
    fn barrier(self);

    /// Asks for a grace period and returns at once. Process, softirq or hardirq context.
    fn start_poll(self) -> Self::Cookie;

    /// Whether the grace period that `cookie` stands for has ended. Any context.
    ///
    /// `cookie` must come from the same domain's [`Domain::start_poll`]: another domain's says
    /// nothing. [`Polled`](crate::Polled) keeps the two together.
    fn poll(self, cookie: Self::Cookie) -> bool;

    /// Calls `func(head)` after a grace period. Process, softirq or hardirq context.
    ///
    /// # Safety
    ///
    /// `head` is valid and nobody else's until `func` has been called with it, and `func` may be
    /// called with it from softirq context.
    #[doc(hidden)]
    unsafe fn call(self, head: *mut bindings::callback_head, func: Callback);

    /// Frees the allocation that `head` begins after a grace period, without running any drop.
    /// Process, softirq or hardirq context.
    ///
    /// # Safety
    ///
    /// `head` is at the very start of a `kmalloc()` allocation that is nobody else's.
    #[doc(hidden)]
    unsafe fn free(self, head: *mut bindings::callback_head);
}

/// A domain that there is exactly one of, so that its type alone says which.
pub trait Global: Domain {
    /// The handle of the domain.
    const DOMAIN: Self;
}

/// A read-side critical section of the domain `D`.
///
/// # Safety
///
/// As long as a value is neither dropped nor leaked, its task is inside a read-side critical
/// section of `D`.
pub unsafe trait Reader<D>: sealed::Sealed {}

/// A state of vanilla RCU's grace periods, normal and expedited, as the kernel keeps it for polling.
///
/// The structure that `start_poll_synchronize_rcu_full()` writes; its name changes from series to
/// series.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct GpState([c_ulong; 2]);

/// Vanilla RCU: `rcu_read_lock()`, `synchronize_rcu()`, `call_rcu()`.
#[derive(Clone, Copy)]
pub struct Vanilla;

impl sealed::Sealed for Vanilla {}

impl Global for Vanilla {
    const DOMAIN: Self = Vanilla;
}

// SAFETY: The methods are the kernel's functions for vanilla RCU, whose grace periods wait for the
// sections that `rcu_read_lock()` begins.
unsafe impl Domain for Vanilla {
    type Cookie = GpState;

    #[inline]
    fn synchronize(self) {
        // SAFETY: May be called in any process context; calling it elsewhere is a bug that the
        // kernel reports, not undefined behaviour.
        unsafe { bindings::synchronize_rcu() }
    }

    #[inline]
    fn synchronize_expedited(self) {
        // SAFETY: As for `synchronize`.
        unsafe { bindings::synchronize_rcu_expedited() }
    }

    #[inline]
    fn barrier(self) {
        // SAFETY: As for `synchronize`.
        unsafe { bindings::rcu_barrier() }
    }

    #[inline]
    fn start_poll(self) -> Self::Cookie {
        let mut cookie = GpState([0; 2]);
        // SAFETY: `cookie` is valid for writing the two numbers.
        unsafe { bindings::start_poll_synchronize_rcu_full((&raw mut cookie).cast()) };
        cookie
    }

    #[inline]
    fn poll(self, mut cookie: Self::Cookie) -> bool {
        // SAFETY: `cookie` is valid for reading the two numbers.
        unsafe { bindings::poll_state_synchronize_rcu_full((&raw mut cookie).cast()) }
    }

    #[inline]
    unsafe fn call(self, head: *mut bindings::callback_head, func: Callback) {
        // SAFETY: The caller hands over `head`, and `func` fits it.
        unsafe { bindings::call_rcu(head, Some(func)) }
    }

    #[inline]
    unsafe fn free(self, head: *mut bindings::callback_head) {
        // SAFETY: The caller hands over the allocation, of which `head` is the start. No code of
        // this module runs when it is freed.
        unsafe { bindings::kvfree_call_rcu(head.cast(), head.cast::<c_void>()) }
    }
}

/// Frees the allocation that `head` begins: the callback of a [`Domain::free`] for domains in which
/// the kernel has no `kfree_rcu()`.
///
/// # Safety
///
/// As for [`Domain::free`], after the grace period.
pub(crate) unsafe extern "C" fn free_callback(head: *mut bindings::callback_head) {
    // SAFETY: `head` is the start of an allocation that is nobody else's any more.
    unsafe { bindings::kfree(head.cast::<c_void>()) };
    reclaim::completed();
}
