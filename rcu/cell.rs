// SPDX-License-Identifier: GPL-2.0

//! The pointer that readers follow without a lock and updaters change under one.

use crate::{
    Global,
    Pointer,
    Reader,
    Retired,
    Vanilla, //
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
        },
        Arc,
        ArcBorrow, //
    },
};

/// An update was tried under a lock that is not the cell's. Nothing was changed.
///
/// Holds what the updater brought, so that nothing is lost.
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
    pub(crate) fn replace<T: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, T, B>,
        new: Option<P>,
    ) -> Result<Option<P>, WrongLock<Option<P>>> {
        if self.lock.check(guard).is_err() {
            return Err(WrongLock(new));
        }
        // INVARIANT: This is the cell's lock, held exclusively: `&mut` to its guard.
        let old = self.load();
        self.target.store(into_nullable(new), Release);
        // SAFETY: By the type invariants `old` is null or from `into_raw`, and the cell, which no
        // longer holds it, owned it.
        Ok(unsafe { from_nullable(old) })
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

/// A pointer that readers of the domain `D` follow without a lock.
///
/// Updaters change it under a lock, which is the cell's own: it is named when the cell is made, and
/// an update under another lock is [`WrongLock`] and changes nothing. What an update unlinks comes
/// back as [`Retired`].
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*, sync::Mutex};
/// # use rcu::{Rcu, RcuBox};
/// #[pin_data]
/// struct Config {
///     #[pin]
///     lock: Mutex<()>,
///     #[pin]
///     timeout: Rcu<RcuBox<u32>>,
/// }
///
/// impl Config {
///     fn new() -> impl PinInit<Self, Error> {
///         try_pin_init!(Self {
///             lock <- new_mutex!(()),
///             timeout <- Rcu::new(Some(RcuBox::new(30, GFP_KERNEL)?), &lock),
///         })
///     }
///
///     fn timeout(&self) -> Option<u32> {
///         self.timeout.read(&rcu::read_lock()).copied()
///     }
///
///     fn set_timeout(&self, value: u32) -> Result {
///         let new = RcuBox::new(value, GFP_KERNEL)?;
///         if let Some(old) = self.timeout.replace(&mut self.lock.lock(), Some(new))? {
///             old.call_rcu();
///         }
///         Ok(())
///     }
/// }
/// ```
pub struct Rcu<P: Pointer, D: Global = Vanilla> {
    cell: RawCell<P>,
    _domain: PhantomData<D>,
}

impl<P: Pointer, D: Global> Rcu<P, D> {
    /// Makes a cell that is updated under `lock`. Any context.
    pub fn new<T: ?Sized, B: Backend>(value: Option<P>, lock: &Lock<T, B>) -> Self {
        Self {
            cell: RawCell::new(value, LockId::of(lock)),
            _domain: PhantomData,
        }
    }

    /// Follows the pointer as a reader: `rcu_dereference()`. Any context.
    ///
    /// What is borrowed lives as long as both the cell and the guard.
    #[inline(always)]
    pub fn read<'g>(&'g self, _guard: &'g impl Reader<D>) -> Option<&'g P::Target> {
        // SAFETY: The pointer is null or was published by this cell. While the guard lives, a
        // grace period of `D` that began after the pointer was unlinked does not end, and
        // `Retired`, which the unlinking made, gives it to nobody before. While the cell is
        // borrowed, it is not dropped.
        unsafe { self.cell.load().as_ref() }
    }

    /// Whether the pointer is published, looking at its value only: `rcu_access_pointer()`. Any
    /// context.
    #[inline]
    pub fn is_some(&self) -> bool {
        !self.cell.load().is_null()
    }

    /// Follows the pointer under the update lock, without a reader's guard:
    /// `rcu_dereference_protected()`. The context of the lock.
    pub fn get<'a, T: ?Sized, B: Backend>(
        &'a self,
        guard: &'a Guard<'_, T, B>,
    ) -> Result<Option<&'a P::Target>, WrongLock> {
        self.cell.get(guard)
    }

    /// Publishes `new` and unlinks the old pointer: `rcu_replace_pointer()`. The context of the
    /// lock.
    pub fn replace<T: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, T, B>,
        new: Option<P>,
    ) -> Result<Option<Retired<P, D>>, WrongLock<Option<P>>> {
        let old = self.cell.replace(guard, new)?;
        // SAFETY: The pointer was unlinked just above, and readers reach it only through `read`,
        // that is, in `D`.
        Ok(old.map(|old| unsafe { Retired::new(old, D::DOMAIN) }))
    }

    /// Replaces the target by what `change` makes of it: read, copy, update. The context of the
    /// lock.
    ///
    /// `change` sees the current target, or nothing if there is none. An error of `change`, or a
    /// lock that is not the cell's (`EINVAL`), leaves everything as it was.
    pub fn update<T: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, T, B>,
        change: impl FnOnce(Option<&P::Target>) -> Result<P>,
    ) -> Result<Option<Retired<P, D>>> {
        let new = change(self.get(guard)?)?;
        Ok(self.replace(guard, Some(new))?)
    }
}

impl<T: Send + Sync, D: Global> Rcu<Arc<T>, D> {
    /// As [`Rcu::read`], and takes a reference that outlives the guard. Any context.
    pub fn read_arc(&self, _guard: &impl Reader<D>) -> Option<Arc<T>> {
        let target = NonNull::new(self.cell.load())?;
        // SAFETY: The pointer comes from `Arc::into_raw`. The reference that the cell holds, or
        // since it was unlinked its `Retired`, is not given up while the guard lives.
        Some(Arc::from(unsafe { ArcBorrow::from_raw(target.as_ptr()) }))
    }
}
