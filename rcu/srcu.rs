// SPDX-License-Identifier: GPL-2.0

//! Sleepable RCU: domains whose readers may sleep.
//!
//! C header: [`include/linux/srcu.h`](srctree/include/linux/srcu.h)

use crate::{
    cell::{
        LockId,
        RawCell, //
    },
    domain::{
        sealed,
        Callback, //
    },
    sys,
    Domain,
    Expedited,
    Pointer,
    Polling,
    Retired,
    WrongLock, //
};
use core::ptr;
use kernel::{
    bindings,
    error::to_result,
    ffi::{
        c_int,
        c_ulong, //
    },
    prelude::*,
    sync::{
        lock::{
            self,
            Backend,
            Lock, //
        },
        LockClassKey, //
    },
    types::{
        NotThreadSafe,
        Opaque, //
    },
};

/// Creates an initializer for an [`Srcu`] with a name and a lock class of its own.
#[macro_export]
macro_rules! new_srcu {
    ($($name:literal)?) => {
        $crate::Srcu::new(
            ::kernel::optional_name!($($name)?),
            ::kernel::static_lock_class!(),
        )
    };
}

/// A domain of sleepable RCU.
///
/// Its readers may sleep, and only its own grace periods wait for them. Dropping it waits for
/// everything that was asked of it: readers, grace periods, callbacks. So it is dropped in process
/// context; and a guard that was leaked makes the drop wait for ever, which is a bug in the code
/// that leaked it, but never a use of freed memory.
///
/// # Invariants
///
/// `inner` is initialized by `init_srcu_struct()` and stays where it is until it is dropped.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::Srcu;
/// #[pin_data]
/// struct Device {
///     #[pin]
///     domain: Srcu,
/// }
///
/// impl Device {
///     fn new() -> impl PinInit<Self, Error> {
///         try_pin_init!(Self { domain <- rcu::new_srcu!("device") })
///     }
///
///     fn work(&self) {
///         let _guard = self.domain.read_lock();
///         // May sleep here.
///     }
/// }
/// ```
#[pin_data(PinnedDrop)]
pub struct Srcu {
    #[pin]
    inner: Opaque<bindings::srcu_struct>,
}

impl Srcu {
    /// Creates an initializer; see [`new_srcu!`](crate::new_srcu). Process context, allocates.
    pub fn new(name: &'static CStr, key: Pin<&'static LockClassKey>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            // INVARIANT: On success `inner` is initialized, in the place where it stays.
            inner <- Opaque::try_ffi_init(|slot| {
                // SAFETY: `slot` is valid for writing, `name` and `key` live for ever.
                to_result(unsafe {
                    sys::rculab_init_srcu_struct(slot, name.as_char_ptr(), key.as_ptr())
                })
            }),
        })
    }

    /// Enters a read-side critical section of this domain: `srcu_read_lock()`.
    ///
    /// Any context but NMI. The section may sleep if its context may.
    #[inline]
    pub fn read_lock(&self) -> Guard<'_> {
        // SAFETY: By the type invariants the domain is initialized.
        let index = unsafe { sys::rculab_srcu_read_lock(self.inner.get()) };
        // INVARIANT: The section of `index` was entered just above.
        Guard {
            domain: self,
            index,
            _not_send: NotThreadSafe,
        }
    }

    /// Waits until every reader of this domain that is there now has left: `synchronize_srcu()`.
    ///
    /// Process context, sleeps. Never to be called by a reader of the same domain.
    #[inline]
    pub fn synchronize(&self) {
        Domain::synchronize(self)
    }

    /// As [`Srcu::synchronize`], sooner: `synchronize_srcu_expedited()`.
    #[inline]
    pub fn synchronize_expedited(&self) {
        Expedited::synchronize_expedited(self)
    }

    /// Waits until every callback queued on this domain before has run: `srcu_barrier()`.
    ///
    /// Process context, sleeps.
    #[inline]
    pub fn barrier(&self) {
        Domain::barrier(self)
    }
}

#[pinned_drop]
impl PinnedDrop for Srcu {
    fn drop(self: Pin<&mut Self>) {
        // A grace period that was only polled for may still be due or running, and
        // `cleanup_srcu_struct()` refuses a domain in that state. Grace periods of a domain come in
        // order: when the one that starts here has ended, so have the earlier ones. It also waits
        // for a reader whose guard was leaked, rather than freeing the domain under it.
        self.synchronize();
        self.barrier();
        // SAFETY: By the type invariants the domain is initialized. No reader, grace period or
        // callback of it is left, and nobody can start one: `self` is borrowed exclusively.
        unsafe { bindings::cleanup_srcu_struct(self.inner.get()) };
    }
}

// SAFETY: A domain may be used and dropped by any task.
unsafe impl Send for Srcu {}
// SAFETY: All that `&Srcu` offers may be done by several tasks at once.
unsafe impl Sync for Srcu {}

impl sealed::Sealed for &Srcu {}

// SAFETY: The methods are the kernel's functions for this `srcu_struct`, whose grace periods wait
// for the sections that `srcu_read_lock()` begins on it.
unsafe impl Domain for &Srcu {
    #[inline]
    fn synchronize(self) {
        // SAFETY: By the type invariants the domain is initialized.
        unsafe { bindings::synchronize_srcu(self.inner.get()) }
    }

    #[inline]
    fn barrier(self) {
        // SAFETY: As above.
        unsafe { bindings::srcu_barrier(self.inner.get()) }
    }

    #[inline]
    unsafe fn call(self, head: *mut bindings::callback_head, func: Callback) {
        // SAFETY: By the type invariants the domain is initialized, and dropping it waits for the
        // callback. The caller hands over `head`, and `func` fits it.
        unsafe { bindings::call_srcu(self.inner.get(), head, Some(func)) }
    }
}

impl Expedited for &Srcu {
    #[inline]
    fn synchronize_expedited(self) {
        // SAFETY: By the type invariants the domain is initialized.
        unsafe { bindings::synchronize_srcu_expedited(self.inner.get()) }
    }
}

impl Polling for &Srcu {
    type State = c_ulong;

    #[inline]
    fn completed(self) -> c_ulong {
        // `get_completed_synchronize_srcu()` is an inline that returns this.
        bindings::SRCU_GET_STATE_COMPLETED as c_ulong
    }

    #[inline]
    fn snapshot(self) -> c_ulong {
        // SAFETY: By the type invariants the domain is initialized.
        unsafe { bindings::get_state_synchronize_srcu(self.inner.get()) }
    }

    #[inline]
    fn start(self) -> c_ulong {
        // SAFETY: As above.
        unsafe { bindings::start_poll_synchronize_srcu(self.inner.get()) }
    }

    #[inline]
    fn start_expedited(self) -> c_ulong {
        let state = self.start();
        // SAFETY: As above.
        unsafe { bindings::srcu_expedite_current(self.inner.get()) };
        state
    }

    #[inline]
    fn poll(self, state: &c_ulong) -> bool {
        // SAFETY: As above.
        unsafe { bindings::poll_state_synchronize_srcu(self.inner.get(), *state) }
    }

    #[inline]
    fn is(self, other: Self) -> bool {
        ptr::eq(self, other)
    }
}

/// A read-side critical section of an [`Srcu`] domain.
///
/// Dropping it ends the section: `srcu_read_unlock()`, on the task that began it.
///
/// # Invariants
///
/// The section of `index` on `domain` was entered by the current task and not left since.
#[must_use = "the read-side critical section ends at once when the guard is unused"]
pub struct Guard<'d> {
    domain: &'d Srcu,
    index: c_int,
    _not_send: NotThreadSafe,
}

impl Guard<'_> {
    /// Whose section this is.
    #[inline]
    pub(crate) fn domain_id(&self) -> DomainId {
        DomainId::of(self.domain)
    }
}

impl Drop for Guard<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the type invariants the section was entered, by this task, and not left.
        unsafe { sys::rculab_srcu_read_unlock(self.domain.inner.get(), self.index) }
    }
}

impl sealed::Sealed for Guard<'_> {}

/// A cell was used with a domain that is not its own. Nothing was read or changed.
#[derive(Debug)]
pub struct WrongDomain;

impl From<WrongDomain> for Error {
    fn from(_: WrongDomain) -> Error {
        EINVAL
    }
}

/// A pointer that readers of one [`Srcu`] domain follow without a lock.
///
/// The cell's lock and domain are named when it is made. They are told by their addresses, and both
/// are pinned. Should the domain be dropped and another come to stand at its address, then the
/// first has no reader left, and the second is as good as the first.
pub struct SrcuCell<P: Pointer> {
    cell: RawCell<P>,
    domain: DomainId,
}

/// The address of a domain, as a name for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct DomainId(usize);

impl DomainId {
    #[inline]
    pub(crate) fn of(domain: &Srcu) -> Self {
        DomainId(ptr::from_ref(domain).addr())
    }
}

impl<P: Pointer> SrcuCell<P> {
    /// Makes a cell that is updated under `lock` and read in `domain`. Any context.
    pub fn new<T: ?Sized, B: Backend>(value: Option<P>, lock: &Lock<T, B>, domain: &Srcu) -> Self {
        Self {
            cell: RawCell::new(value, LockId::of(lock)),
            domain: DomainId::of(domain),
        }
    }

    /// Follows the pointer as a reader: `srcu_dereference()`. Any context.
    ///
    /// A guard of another domain is [`WrongDomain`].
    #[inline]
    pub fn read<'g>(&'g self, guard: &'g Guard<'_>) -> Result<Option<&'g P::Target>, WrongDomain> {
        if DomainId::of(guard.domain) != self.domain {
            return Err(WrongDomain);
        }
        // SAFETY: The pointer is null or was published by this cell. While the guard lives, a
        // grace period of its domain, which is the cell's, does not end, and `Retired`, which an
        // unlinking makes, gives the pointer to nobody before. While the cell is borrowed, it is
        // not dropped.
        Ok(unsafe { self.cell.load().as_ref() })
    }

    /// Follows the pointer under the update lock, without a reader's guard:
    /// `srcu_dereference_check()`. The context of the lock.
    pub fn get<'a, T: ?Sized, B: Backend>(
        &'a self,
        guard: &'a lock::Guard<'_, T, B>,
    ) -> Result<Option<&'a P::Target>, WrongLock> {
        self.cell.get(guard)
    }

    /// Names the domain that an update is to retire to. Any context.
    ///
    /// Another domain than the cell's is [`WrongDomain`].
    pub fn updater<'c, 'd>(&'c self, domain: &'d Srcu) -> Result<Updater<'c, 'd, P>, WrongDomain> {
        if DomainId::of(domain) != self.domain {
            return Err(WrongDomain);
        }
        // INVARIANT: The domain is the cell's.
        Ok(Updater { cell: self, domain })
    }
}

/// An [`SrcuCell`] together with its domain.
///
/// # Invariants
///
/// `domain` is the domain of `cell`.
pub struct Updater<'c, 'd, P: Pointer> {
    cell: &'c SrcuCell<P>,
    domain: &'d Srcu,
}

impl<'d, P: Pointer> Updater<'_, 'd, P> {
    /// Publishes `new` and unlinks the old pointer: `rcu_replace_pointer()`. The context of the
    /// lock.
    pub fn replace<T: ?Sized, B: Backend>(
        &self,
        guard: &mut lock::Guard<'_, T, B>,
        new: Option<P>,
    ) -> Result<Option<Retired<P, &'d Srcu>>, WrongLock<Option<P>>> {
        let old = self.cell.cell.replace(guard, new)?;
        // SAFETY: The pointer was unlinked just above, and readers reach it only through
        // `SrcuCell::read`, that is, in `domain`, by the type invariants.
        Ok(old.map(|old| unsafe { Retired::new(old, self.domain) }))
    }
}
