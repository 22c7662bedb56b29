// SPDX-License-Identifier: GPL-2.0

//! The pointer that readers follow without a lock and updaters change under one.

use crate::{
    cell::{
        LockId,
        LockedCell, //
    },
    Global,
    Pointer,
    Reader,
    Updater,
    Vanilla,
    WrongLock, //
};
use core::marker::PhantomData;
use kernel::{
    prelude::*,
    sync::{
        lock::{
            Backend,
            Guard,
            Lock, //
        },
        Arc,
        ArcBorrow, //
    },
};

/// A pointer, or none, that readers of the domain `D` follow without a lock.
///
/// Updaters change it under a lock, which is the cell's own: it is named when the cell is made, and
/// the guard of another one is [`WrongLock`]. What an [`Updater`] unlinks comes back as
/// [`Retired`](crate::Retired). A cell that is never empty is a [`NonNullRcu`](crate::NonNullRcu).
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
///         if let Some(old) = self.timeout.updater(&mut self.lock.lock())?.publish(new) {
///             old.call_rcu();
///         }
///         Ok(())
///     }
/// }
///
/// let config = KBox::pin_init(Config::new(), GFP_KERNEL)?;
/// config.set_timeout(60)?;
/// assert_eq!(config.timeout(), Some(60));
/// # Ok::<(), Error>(())
/// ```
pub struct Rcu<P: Pointer, D: Global = Vanilla> {
    cell: LockedCell<P>,
    _domain: PhantomData<D>,
}

impl<P: Pointer, D: Global> Rcu<P, D> {
    /// Makes a cell that is updated under `lock`. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{Rcu, RcuBox};
    /// let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = Rcu::<RcuBox<u32>>::new(None, &*lock);
    /// assert!(!cell.is_some());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new<T: ?Sized, B: Backend>(value: Option<P>, lock: &Lock<T, B>) -> Self {
        Self {
            cell: LockedCell::new(value, LockId::of(lock)),
            _domain: PhantomData,
        }
    }

    /// Follows the pointer as a reader: `rcu_dereference()`. Any context.
    ///
    /// What is borrowed lives as long as both the cell and the guard.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{Rcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = Rcu::<_>::new(Some(RcuBox::new([1, 2], GFP_KERNEL)?), &*lock);
    /// let guard = rcu::read_lock();
    /// assert_eq!(cell.read(&guard), Some(&[1, 2]));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline(always)]
    pub fn read<'g>(&'g self, _guard: &'g impl Reader<D>) -> Option<&'g P::Target> {
        // SAFETY: The pointer is null or was published by this cell. While the guard lives, a
        // grace period of `D` that began after the pointer was unlinked does not end, and
        // `Retired`, which the unlinking made, gives it to nobody before. While the cell is
        // borrowed, it is not dropped.
        unsafe { self.cell.follow() }
    }

    /// Whether there is a pointer: `rcu_access_pointer()`, compared with null. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{Rcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = Rcu::<_>::new(Some(RcuBox::new(1, GFP_KERNEL)?), &*lock);
    /// // No guard is needed: nobody follows the pointer.
    /// assert!(cell.is_some());
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn is_some(&self) -> bool {
        self.cell.is_some()
    }

    /// The pointer's value, to be compared and not to be followed: `rcu_access_pointer()`. Any
    /// context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{Rcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = Rcu::<_>::new(Some(RcuBox::new(1, GFP_KERNEL)?), &*lock);
    /// let before = cell.access();
    /// cell.updater(&mut lock.lock())?.publish(RcuBox::new(1, GFP_KERNEL)?);
    /// // Another object, though it has the same value.
    /// assert!(cell.access() != before);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn access(&self) -> *const P::Target {
        self.cell.access()
    }

    /// Follows the pointer under the update lock, without a reader's guard:
    /// `rcu_dereference_protected()`. The context of the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{Rcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = Rcu::<_>::new(Some(RcuBox::new(1, GFP_KERNEL)?), &*lock);
    /// // Nobody can change it while we hold the lock: the borrow may sleep.
    /// let guard = lock.lock();
    /// assert_eq!(cell.get(&guard)?, Some(&1));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn get<'a, T: ?Sized, B: Backend>(
        &'a self,
        guard: &'a Guard<'_, T, B>,
    ) -> Result<Option<&'a P::Target>, WrongLock> {
        self.cell.get(guard)
    }

    /// Makes the holder of the cell's lock its updater. The context of the lock.
    ///
    /// The guard of another lock is [`WrongLock`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{Rcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = Rcu::<_>::new(Some(RcuBox::new(1, GFP_KERNEL)?), &*lock);
    /// let new = RcuBox::new(2, GFP_KERNEL)?;
    /// let old = cell.updater(&mut lock.lock())?.replace(Some(new)).ok_or(ENOENT)?;
    /// assert_eq!(*old.synchronize(), 1);
    ///
    /// // The holder of another lock is no updater of this cell.
    /// let other = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// assert!(cell.updater(&mut other.lock()).is_err());
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn updater<'a, T: ?Sized, B: Backend>(
        &'a self,
        guard: &'a mut Guard<'_, T, B>,
    ) -> Result<Updater<'a, P, D>, WrongLock> {
        // INVARIANT: This is the cell's lock, and the borrow of its guard keeps it, exclusively,
        // for `'a`. Readers reach the cell only through `read`, that is, in `D`.
        Ok(Updater::of(self.cell.under(guard)?, D::DOMAIN))
    }
}

impl<T: Send + Sync, D: Global> Rcu<Arc<T>, D> {
    /// As [`Rcu::read`], and takes a reference that outlives the guard. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*, sync::Arc};
    /// # use rcu::Rcu;
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = Rcu::<_>::new(Some(Arc::new(1, GFP_KERNEL)?), &*lock);
    /// // The guard is gone at the end of the line.
    /// let kept = cell.read_arc(&rcu::read_lock()).ok_or(ENOENT)?;
    /// if let Some(old) = cell.updater(&mut lock.lock())?.take() {
    ///     drop(old.synchronize());
    /// }
    /// assert_eq!(*kept, 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn read_arc(&self, guard: &impl Reader<D>) -> Option<Arc<T>> {
        let target = self.read(guard)?;
        // SAFETY: The target is that of an `Arc`. The reference that the cell holds, or since it was
        // unlinked its `Retired`, is not given up while the guard lives.
        Some(Arc::from(unsafe { ArcBorrow::from_raw(target) }))
    }
}
