// SPDX-License-Identifier: GPL-2.0

//! What all SRCU domains can do, whoever owns them.

use super::{
    DownGuard,
    Guard,
    Kind,
    Srcu,
    UpDown, //
};
use crate::{
    domain::{
        sealed,
        Callback, //
    },
    lockdep,
    sys,
    Domain,
    Expedited,
    Polling, //
};
use kernel::{
    bindings,
    ffi::c_ulong, //
};

/// A handle of an SRCU domain: a borrowed [`Srcu`], or the type of a static domain.
///
/// # Safety
///
/// While a handle can be used, [`Handle::srcu`] is an `srcu_struct` that [`Kind::init`] of its kind
/// initialized.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::{srcu::Handle, Domain};
///
/// /// For domains of a module's own, and for static ones.
/// fn read_and_wait(domain: impl Handle) {
///     drop(domain.read_lock());
///     domain.synchronize();
/// }
///
/// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
/// read_and_wait(&*domain);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a domain of RCU",
    label = "no grace periods to wait for"
)]
pub unsafe trait Handle: Copy + sealed::Sealed {
    /// What readers the domain has.
    type Kind: Kind;

    /// The kernel's structure.
    #[doc(hidden)]
    fn srcu(self) -> *mut bindings::srcu_struct;

    /// Enters a read-side critical section: `srcu_read_lock()` and its like; see [`Kind`] for the
    /// context. The section may sleep if its context may.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use kernel::time::{delay::fsleep, Delta};
    /// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// let guard = domain.read_lock();
    /// fsleep(Delta::from_millis(1));
    /// drop(guard);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline(always)]
    fn read_lock(self) -> Guard<Self> {
        Guard::enter(self)
    }

    /// Enters a section that another task, or an interrupt handler, may leave: `srcu_down_read()`.
    /// Any context but NMI.
    ///
    /// Lockdep does not follow such a section.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// let request = domain.down_read();
    /// // ... whoever completes the request ...
    /// request.up();
    /// # Ok::<(), Error>(())
    /// ```
    #[inline(always)]
    fn down_read(self) -> DownGuard<Self>
    where
        Self::Kind: UpDown,
    {
        DownGuard::enter(self)
    }

    /// Whether the caller is in a section of this domain that lockdep follows:
    /// `srcu_read_lock_held()`, with an answer as in [`lockdep`]. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// use rcu::srcu::Handle;
    ///
    /// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// let _guard = domain.read_lock();
    /// assert_ne!((&*domain).read_lock_held(), Some(false));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    fn read_lock_held(self) -> Option<bool> {
        lockdep::held!(sys::rculab_srcu_read_lock_held(self.srcu()))
    }

    /// Warns unless the caller is in a section of this domain that lockdep follows. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// use rcu::srcu::Handle;
    ///
    /// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// let _guard = domain.read_lock();
    /// (&*domain).assert_in_read_lock();
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    fn assert_in_read_lock(self) {
        lockdep::assertion!(sys::rculab_assert_in_srcu_read_lock(self.srcu()));
    }

    /// Hurries the grace period that is running, and may start one: `srcu_expedite_current()`. Any
    /// context but NMI.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// use rcu::{srcu::Handle, Cookie};
    ///
    /// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// let cookie = Cookie::start(&*domain);
    /// (&*domain).expedite_current();
    /// cookie.cond_synchronize();
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    fn expedite_current(self) {
        // SAFETY: By the trait's contract the domain is initialized.
        unsafe { sys::srcu_expedite_current(self.srcu()) }
    }
}

impl<K: Kind> sealed::Sealed for &Srcu<K> {}

// SAFETY: By the type invariants of `Srcu`, which is borrowed as long as the handle is there.
unsafe impl<K: Kind> Handle for &Srcu<K> {
    type Kind = K;

    #[inline(always)]
    fn srcu(self) -> *mut bindings::srcu_struct {
        self.as_ptr()
    }
}

// SAFETY: The methods are the kernel's functions for this `srcu_struct`, whose grace periods wait
// for the sections that are entered on it. By the contract of `Handle` it is initialized.
unsafe impl<H: Handle> Domain for H {
    #[inline]
    fn synchronize(self) {
        // SAFETY: By the contract of `Handle` the domain is initialized.
        unsafe { bindings::synchronize_srcu(self.srcu()) }
    }

    #[inline]
    fn barrier(self) {
        // SAFETY: As above.
        unsafe { sys::srcu_barrier(self.srcu()) }
    }

    #[inline]
    unsafe fn call(self, head: *mut bindings::callback_head, func: Callback) {
        // SAFETY: The domain is initialized, and its owner waits for the callback before it goes.
        // The caller hands over `head`, and `func` fits it.
        unsafe { bindings::call_srcu(self.srcu(), head, Some(func)) }
    }
}

impl<H: Handle> Expedited for H {
    #[inline]
    fn synchronize_expedited(self) {
        // SAFETY: By the contract of `Handle` the domain is initialized.
        unsafe { sys::synchronize_srcu_expedited(self.srcu()) }
    }
}

impl<H: Handle> Polling for H {
    type State = c_ulong;

    #[inline]
    fn completed(self) -> c_ulong {
        // `get_completed_synchronize_srcu()` is an inline that returns this.
        bindings::SRCU_GET_STATE_COMPLETED as c_ulong
    }

    #[inline]
    fn snapshot(self) -> c_ulong {
        // SAFETY: By the contract of `Handle` the domain is initialized.
        unsafe { bindings::get_state_synchronize_srcu(self.srcu()) }
    }

    #[inline]
    fn start(self) -> c_ulong {
        // SAFETY: As above.
        unsafe { bindings::start_poll_synchronize_srcu(self.srcu()) }
    }

    #[inline]
    fn start_expedited(self) -> c_ulong {
        let state = self.start();
        self.expedite_current();
        state
    }

    #[inline]
    fn poll(self, state: &c_ulong) -> bool {
        // SAFETY: By the contract of `Handle` the domain is initialized.
        unsafe { bindings::poll_state_synchronize_srcu(self.srcu(), *state) }
    }

    #[inline]
    fn is(self, other: Self) -> bool {
        self.srcu() == other.srcu()
    }
}
