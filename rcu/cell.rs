// SPDX-License-Identifier: GPL-2.0

//! What the cells share: the pointer, and the lock that an update is held against.

mod exchange;

pub(crate) use exchange::ExchangeCell;

use crate::{
    pointer::{
        address_of,
        target_of, //
    },
    Pointer, //
};
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
/// As an [`Error`] it is `EINVAL`.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::{Rcu, RcuBox};
/// let own = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let other = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let cell = Rcu::<RcuBox<u32>>::new(None, &*own);
///
/// let wrong = cell.updater(&mut other.lock()).map(|_| ());
/// assert_eq!(wrong.map_err(Error::from), Err(EINVAL));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongLock;

impl From<WrongLock> for Error {
    fn from(_: WrongLock) -> Error {
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
    /// another lock would be unsound, so that who holds a lock shows it once: a load, a comparison,
    /// a jump.
    #[inline]
    pub(crate) fn check<T: ?Sized, B: Backend>(
        self,
        guard: &Guard<'_, T, B>,
    ) -> Result<(), WrongLock> {
        if Self::of(guard.lock_ref()) == self {
            Ok(())
        } else {
            Err(WrongLock)
        }
    }
}

/// A pointer, or none, that readers load and updaters store: what all cells share.
///
/// # Invariants
///
/// `raw` is null or comes from [`Pointer::into_raw`] of a `P` that the cell owns.
pub(crate) struct RawCell<P: Pointer> {
    raw: Atomic<*mut P::Raw>,
    _owns: PhantomData<P>,
}

impl<P: Pointer> RawCell<P> {
    pub(crate) const fn empty() -> Self {
        // INVARIANT: The pointer is null.
        Self {
            raw: Atomic::new(ptr::null_mut()),
            _owns: PhantomData,
        }
    }

    pub(crate) fn new(value: Option<P>) -> Self {
        // INVARIANT: The pointer comes from `into_raw`.
        Self {
            raw: Atomic::new(into_nullable(value)),
            _owns: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn is_some(&self) -> bool {
        !self.raw.load(Relaxed).is_null()
    }

    /// The address of the target, not to be followed: `rcu_access_pointer()`.
    #[inline]
    pub(crate) fn access(&self) -> *const P::Target {
        address_of::<P>(self.raw.load(Relaxed))
    }

    /// Follows the pointer: `rcu_dereference()`.
    ///
    /// The load is relaxed: what the reader sees through the pointer is ordered after it by the
    /// address dependency, which the kernel's `READ_ONCE()` and compilers keep.
    ///
    /// # Safety
    ///
    /// What the cell holds now stays where it is for `'a`, even if it is unlinked meanwhile.
    #[inline(always)]
    pub(crate) unsafe fn follow<'a>(&self) -> Option<&'a P::Target> {
        let raw = NonNull::new(self.raw.load(Relaxed))?;
        // SAFETY: By the type invariants it comes from `into_raw`, and by the caller it is there.
        Some(unsafe { target_of::<P>(raw).as_ref() })
    }

    /// Publishes a pointer, or none (`rcu_assign_pointer()`), and unlinks the old one.
    ///
    /// # Safety
    ///
    /// Nobody else changes the cell meanwhile.
    #[inline]
    pub(crate) unsafe fn replace(&self, new: Option<P>) -> Option<P> {
        let old = self.raw.load(Relaxed);
        // INVARIANT: The new pointer comes from `into_raw`.
        self.raw.store(into_nullable(new), Release);
        // SAFETY: By the type invariants `old` is null or from `into_raw`, and the cell, which no
        // longer holds it, owned it.
        unsafe { from_nullable(old) }
    }
}

impl<P: Pointer> Drop for RawCell<P> {
    fn drop(&mut self) {
        // SAFETY: By the type invariants the cell owns the pointer. Readers borrow the cell, so
        // there are none: it is dropped without a grace period.
        drop(unsafe { from_nullable::<P>(*self.raw.get_mut()) });
    }
}

// SAFETY: The cell owns a `P`, which is `Send`, and gives out `&P::Target`, which is `Sync`.
unsafe impl<P: Pointer> Send for RawCell<P> {}
// SAFETY: Through `&self`, readers on several CPUs share `&P::Target`, which is `Sync`, and an
// updater takes a `P` out, which is `Send`.
unsafe impl<P: Pointer> Sync for RawCell<P> {}

/// A cell that is changed under a lock, which is told by its address.
///
/// # Invariants
///
/// `cell` changes only under the lock that `lock` names, held exclusively, or through `&mut self`.
pub(crate) struct LockedCell<P: Pointer> {
    cell: RawCell<P>,
    lock: LockId,
    // Readers bypass the lock, so `&mut` to what surrounds the cell must not move it.
    _pin: PhantomPinned,
}

impl<P: Pointer> LockedCell<P> {
    pub(crate) fn new(value: Option<P>, lock: LockId) -> Self {
        Self {
            cell: RawCell::new(value),
            lock,
            _pin: PhantomPinned,
        }
    }

    /// As [`RawCell::is_some`].
    #[inline]
    pub(crate) fn is_some(&self) -> bool {
        self.cell.is_some()
    }

    /// As [`RawCell::access`].
    #[inline]
    pub(crate) fn access(&self) -> *const P::Target {
        self.cell.access()
    }

    /// As [`RawCell::follow`], for readers.
    ///
    /// # Safety
    ///
    /// As there.
    #[inline(always)]
    pub(crate) unsafe fn follow<'a>(&self) -> Option<&'a P::Target> {
        // SAFETY: By the caller.
        unsafe { self.cell.follow() }
    }

    pub(crate) fn get<'a, T: ?Sized, B: Backend>(
        &'a self,
        guard: &'a Guard<'_, T, B>,
    ) -> Result<Option<&'a P::Target>, WrongLock> {
        self.lock.check(guard)?;
        // SAFETY: What the cell holds, it owns. Changing it needs the lock exclusively, which the
        // borrow of its guard rules out for `'a`, or `&mut self`, which the borrow of `self` does.
        Ok(unsafe { self.cell.follow() })
    }

    /// The cell itself, for its only updater: who holds its lock exclusively, for `'a`.
    #[inline]
    pub(crate) fn under<'a, T: ?Sized, B: Backend>(
        &'a self,
        guard: &'a mut Guard<'_, T, B>,
    ) -> Result<&'a RawCell<P>, WrongLock> {
        self.lock.check(guard)?;
        Ok(&self.cell)
    }
}

fn into_nullable<P: Pointer>(value: Option<P>) -> *mut P::Raw {
    value.map_or(ptr::null_mut(), |pointer| pointer.into_raw().as_ptr())
}

/// # Safety
///
/// `raw` is null, or [`Pointer::from_raw`] may be called with it.
unsafe fn from_nullable<P: Pointer>(raw: *mut P::Raw) -> Option<P> {
    // SAFETY: Not null, so the caller's promise holds.
    NonNull::new(raw).map(|raw| unsafe { P::from_raw(raw) })
}
