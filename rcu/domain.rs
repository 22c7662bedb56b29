// SPDX-License-Identifier: GPL-2.0

//! Domains: who reads, who waits for whom, who calls back.

use crate::{
    reclaim,
    Pointer,
    Retired, //
};
use kernel::{
    bindings,
    ffi::c_void, //
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
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::{Domain, Vanilla};
///
/// /// Waits for the readers and for the callbacks of any domain.
/// fn drain(domain: impl Domain) {
///     domain.synchronize();
///     domain.barrier();
/// }
///
/// let srcu = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
/// drain(Vanilla);
/// drain(&*srcu);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a domain of RCU",
    label = "no grace periods to wait for"
)]
pub unsafe trait Domain: Copy + sealed::Sealed {
    /// Whether this is vanilla RCU, which [`RcuArc`](crate::RcuArc) knows how to wait for by itself.
    #[doc(hidden)]
    const IS_VANILLA: bool = false;

    /// Waits for a grace period. Process context, sleeps. Never to be called by a reader of the
    /// same domain, for which it would wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use rcu::{Domain, Vanilla};
    ///
    /// // Readers that are here now may still use what was just taken from them ...
    /// Vanilla.synchronize();
    /// // ... and are gone.
    /// ```
    fn synchronize(self);

    /// Waits until every callback that was queued before has run. Process context, sleeps.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// use rcu::{Domain, RcuBox, Vanilla};
    ///
    /// Vanilla.retire(RcuBox::new(7, GFP_KERNEL)?).call_rcu();
    /// Vanilla.barrier();
    /// // No callback of ours is left.
    /// # Ok::<(), Error>(())
    /// ```
    fn barrier(self);

    /// Lets a pointer that nobody else owns wait for a grace period, whoever may still see its
    /// target in ways that this crate does not know. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// use rcu::{Domain, RcuBox, Vanilla};
    ///
    /// let buffer = RcuBox::new([0_u8; 64], GFP_KERNEL)?;
    /// // ... taken out of where C code found it ...
    /// Vanilla.retire(buffer).call_rcu();
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    fn retire<P: Pointer>(self, pointer: P) -> Retired<P, Self> {
        // SAFETY: The caller owns the pointer: no reader of this crate's reaches the target.
        unsafe { Retired::new(pointer, self) }
    }

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
    #[inline]
    unsafe fn free(self, head: *mut bindings::callback_head) {
        reclaim::queued();
        // SAFETY: The caller hands over the allocation that `head` begins.
        unsafe { self.call(head, free_callback) }
    }
}

/// A domain that there is exactly one of, so that its type alone says which.
///
/// # Examples
///
/// ```
/// use rcu::{Domain, Global, Vanilla};
///
/// fn wait<D: Global>() {
///     D::DOMAIN.synchronize();
/// }
///
/// wait::<Vanilla>();
/// ```
pub trait Global: Domain {
    /// The handle of the domain.
    const DOMAIN: Self;
}

/// A domain whose grace periods can be hurried, at the price of disturbing other CPUs.
///
/// # Examples
///
/// ```
/// use rcu::{Expedited, Vanilla};
///
/// Vanilla.synchronize_expedited();
/// ```
pub trait Expedited: Domain {
    /// As [`Domain::synchronize`], sooner. Process context, sleeps.
    ///
    /// # Examples
    ///
    /// ```
    /// use rcu::{Expedited, Vanilla};
    ///
    /// fn wait(domain: impl Expedited, urgent: bool) {
    ///     if urgent {
    ///         domain.synchronize_expedited();
    ///     } else {
    ///         domain.synchronize();
    ///     }
    /// }
    ///
    /// wait(Vanilla, true);
    /// ```
    fn synchronize_expedited(self);
}

/// A domain whose grace periods can be asked for now and looked for later, by a
/// [`Cookie`](crate::Cookie).
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::{Cookie, Polling, Vanilla};
///
/// fn has_passed<D: Polling>(cookie: &Cookie<D>) -> bool {
///     cookie.poll()
/// }
///
/// let cookie = Cookie::start(Vanilla);
/// cookie.cond_synchronize();
/// assert!(has_passed(&cookie));
/// # Ok::<(), Error>(())
/// ```
pub trait Polling: Expedited {
    /// A state of the domain's grace periods, as the kernel keeps it for polling. Only this
    /// crate looks into it, or makes one.
    #[doc(hidden)]
    type State: Copy + Eq;

    /// A state that has always passed.
    #[doc(hidden)]
    fn completed(self) -> Self::State;

    /// The state that will have passed when a whole grace period has.
    #[doc(hidden)]
    fn snapshot(self) -> Self::State;

    /// As `snapshot`, and sees to it that the grace period comes.
    #[doc(hidden)]
    fn start(self) -> Self::State;

    /// As `start`, and hurries it.
    #[doc(hidden)]
    fn start_expedited(self) -> Self::State;

    /// Whether a state of this very domain has passed.
    #[doc(hidden)]
    fn poll(self, state: &Self::State) -> bool;

    /// Whether two handles are of one domain.
    #[doc(hidden)]
    fn is(self, other: Self) -> bool;
}

/// A read-side critical section of the domain `D`.
///
/// # Safety
///
/// As long as a value is neither dropped nor leaked, its task is inside a read-side critical
/// section of `D`, or the section is bound to no task.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::{AtomicRcu, RcuBox, Reader, Vanilla};
///
/// /// Reads under whatever the caller holds: plain, bh or sched.
/// fn limit(cell: &AtomicRcu<RcuBox<u32>>, guard: &impl Reader<Vanilla>) -> u32 {
///     cell.read(guard).copied().unwrap_or(0)
/// }
///
/// let cell = AtomicRcu::new(RcuBox::new(7, GFP_KERNEL)?);
/// assert_eq!(limit(&cell, &rcu::read_lock()), 7);
/// assert_eq!(limit(&cell, &rcu::read_lock_bh()), 7);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a reader of the domain `{D}`",
    label = "grace periods of `{D}` do not wait for this"
)]
pub unsafe trait Reader<D>: sealed::Sealed {}

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
