// SPDX-License-Identifier: GPL-2.0

//! What the cells share: the pointer, and the lock that an update is held against.

use crate::Pointer;
use core::{
    marker::{
        PhantomData,
        PhantomPinned, //
    },
    ptr::{
        self,
        NonNull, //
    },
};
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed,
            Release, //
        },
        lock::{
            Backend,
            Guard,
            Lock, //
        }, //
    },
};

/// An update was tried under a lock that is not the cell's. Nothing was changed.
///
/// Holds what the updater brought, so that nothing is lost. As an [`Error`] it is `EINVAL`.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::{Rcu, RcuBox, WrongLock};
/// let own = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let other = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let cell = Rcu::<RcuBox<u32>>::new(None, &*own);
///
/// let new = RcuBox::new(1, GFP_KERNEL)?;
/// let refused = cell.publish(&mut other.lock(), new);
/// // What was brought comes back.
/// assert!(refused.is_err_and(|WrongLock(back)| *back == 1));
/// assert!(!cell.is_some());
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct WrongLock<T = ()>(pub T);

impl<T> From<WrongLock<T>> for Error {
    fn from(_: WrongLock<T>) -> Error {
        EINVAL
    }
}

/// The address of a lock, as a name for it.
///
/// Locks are pinned, so while a lock lives its address is its own; and one that has no size could
/// share its address with another, so there is no [`LockId`] of such a lock.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct LockId(usize);

impl LockId {
    pub(crate) fn of<T: ?Sized, B: Backend>(lock: &Lock<T, B>) -> Self {
        const {
            assert!(
                size_of::<B::State>() != 0,
                "this lock has no size on this kernel, so its address does not identify it"
            )
        };
        LockId(ptr::from_ref(lock).cast::<()>().addr())
    }

    /// Whether `guard` holds this lock.
    ///
    /// C leaves this to lockdep, if it is on, and to whoever reads the code. Here an update under
    /// another lock would be unsound, so each compares two addresses: a load, a comparison, a jump.
    pub(crate) fn check<T: ?Sized, B: Backend>(
        self,
        guard: &Guard<'_, T, B>,
    ) -> Result<(), WrongLock> {
        if Self::of(guard.lock_ref()) == self {
            Ok(())
        } else {
            Err(WrongLock(()))
        }
    }
}

/// The cell without a domain: what [`Rcu`] and [`SrcuCell`](crate::SrcuCell) share.
///
/// # Invariants
///
/// `target` is null or comes from [`Pointer::into_raw`] of a `P` that the cell owns. It changes only
/// under the lock that `lock` names, held exclusively, or through `&mut self`.
pub(crate) struct RawCell<P: Pointer> {
    target: Atomic<*mut P::Target>,
    lock: LockId,
    _owns: PhantomData<P>,
    // Readers bypass the lock, so `&mut` to what surrounds the cell must not move it.
    _pin: PhantomPinned,
}

impl<P: Pointer> RawCell<P> {
    pub(crate) fn new(value: Option<P>, lock: LockId) -> Self {
        // INVARIANT: The pointer comes from `into_raw`.
        Self {
            target: Atomic::new(into_nullable(value)),
            lock,
            _owns: PhantomData,
            _pin: PhantomPinned,
        }
    }

    /// Loads the pointer for a reader: `rcu_dereference()`.
    ///
    /// The load is relaxed: what the reader sees through the pointer is ordered after it by the
    /// address dependency, which the kernel's `READ_ONCE()` and compilers keep.
    #[inline(always)]
    pub(crate) fn load(&self) -> *mut P::Target {
        self.target.load(Relaxed)
    }

    pub(crate) fn get<'a, T: ?Sized, B: Backend>(
        &'a self,
        guard: &'a Guard<'_, T, B>,
    ) -> Result<Option<&'a P::Target>, WrongLock> {
        self.lock.check(guard)?;
        // SAFETY: By the type invariants the pointer is null or may be dereferenced as long as the
        // cell owns it. Changing it needs the lock exclusively, which the borrow of its guard rules
        // out for `'a`, or `&mut self`, which the borrow of `self` rules out.
        Ok(unsafe { self.load().as_ref() })
    }

    /// Publishes `new` (`rcu_assign_pointer()`) and unlinks the old pointer.
    pub(crate) fn publish<T: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, T, B>,
        new: P,
    ) -> Result<Option<P>, WrongLock<P>> {
        match self.lock.check(guard) {
            // SAFETY: This is the cell's lock, held exclusively: `&mut` to its guard.
            Ok(()) => Ok(unsafe { self.exchange(new.into_raw().as_ptr()) }),
            Err(WrongLock(())) => Err(WrongLock(new)),
        }
    }

    /// Unlinks the pointer.
    pub(crate) fn take<T: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, T, B>,
    ) -> Result<Option<P>, WrongLock> {
        self.lock.check(guard)?;
        // SAFETY: As in `publish`.
        Ok(unsafe { self.exchange(ptr::null_mut()) })
    }

    /// Publishes `new`, or nothing, and unlinks the old pointer.
    pub(crate) fn replace<T: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, T, B>,
        new: Option<P>,
    ) -> Result<Option<P>, WrongLock<Option<P>>> {
        // No branch on whether there is something to publish: it makes no difference.
        if self.lock.check(guard).is_err() {
            return Err(WrongLock(new));
        }
        // SAFETY: This is the cell's lock, held exclusively: `&mut` to its guard.
        Ok(unsafe { self.exchange(into_nullable(new)) })
    }

    /// # Safety
    ///
    /// The caller holds the cell's lock exclusively. `new` is null or comes from
    /// [`Pointer::into_raw`], and its ownership passes to the cell.
    unsafe fn exchange(&self, new: *mut P::Target) -> Option<P> {
        let old = self.load();
        // INVARIANT: By the caller.
        self.target.store(new, Release);
        // SAFETY: By the type invariants `old` is null or from `into_raw`, and the cell, which no
        // longer holds it, owned it.
        unsafe { from_nullable(old) }
    }
}

impl<P: Pointer> Drop for RawCell<P> {
    fn drop(&mut self) {
        // SAFETY: By the type invariants the cell owns the pointer. Readers borrow the cell, so
        // there are none: it is dropped without a grace period.
        drop(unsafe { from_nullable::<P>(*self.target.get_mut()) });
    }
}

// SAFETY: The cell owns a `P`, which is `Send`, and gives out `&P::Target`, which is `Sync`.
unsafe impl<P: Pointer> Send for RawCell<P> {}
// SAFETY: Through `&self`, readers on several CPUs share `&P::Target`, which is `Sync`, and an
// updater takes a `P` out, which is `Send`.
unsafe impl<P: Pointer> Sync for RawCell<P> {}

pub(crate) fn into_nullable<P: Pointer>(value: Option<P>) -> *mut P::Target {
    value.map_or(ptr::null_mut(), |pointer| pointer.into_raw().as_ptr())
}

/// # Safety
///
/// `target` is null, or [`Pointer::from_raw`] may be called with it.
pub(crate) unsafe fn from_nullable<P: Pointer>(target: *mut P::Target) -> Option<P> {
    // SAFETY: Not null, so the caller's promise holds.
    NonNull::new(target).map(|target| unsafe { P::from_raw(target) })
}
