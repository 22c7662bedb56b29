// SPDX-License-Identifier: GPL-2.0

//! The cell that is never empty.

use crate::{
    cell::{
        LockId,
        LockedCell, //
    },
    Domain,
    Global,
    Pointer,
    Reader,
    Retired,
    Updater,
    Vanilla,
    WrongLock, //
};
use core::marker::PhantomData;
use kernel::{
    prelude::*,
    sync::lock::{
        Backend,
        Guard,
        Lock, //
    },
};

/// A pointer that readers of the domain `D` follow without a lock, and that is always there.
///
/// As [`Rcu`](crate::Rcu), for what has a value from the start: a configuration, a table. Readers
/// need not say what they do when there is none.
///
/// # Invariants
///
/// The pointer in `cell` is not null.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*, sync::Mutex};
/// # use rcu::{NonNullRcu, RcuBox};
/// #[pin_data]
/// struct Config {
///     #[pin]
///     lock: Mutex<()>,
///     #[pin]
///     timeout: NonNullRcu<RcuBox<u32>>,
/// }
///
/// let config = KBox::pin_init(
///     try_pin_init!(Config {
///         lock <- new_mutex!(()),
///         timeout <- NonNullRcu::new(RcuBox::new(30, GFP_KERNEL)?, &lock),
///     }),
///     GFP_KERNEL,
/// )?;
/// let new = RcuBox::new(60, GFP_KERNEL)?;
/// config.timeout.updater(&mut config.lock.lock())?.replace(new).call_rcu();
/// assert_eq!(*config.timeout.read(&rcu::read_lock()), 60);
/// # Ok::<(), Error>(())
/// ```
pub struct NonNullRcu<P: Pointer, D: Global = Vanilla> {
    cell: LockedCell<P>,
    _domain: PhantomData<D>,
}

impl<P: Pointer, D: Global> NonNullRcu<P, D> {
    /// Makes a cell that is updated under `lock`. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{NonNullRcu, RcuBox};
    /// let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = NonNullRcu::<_>::new(RcuBox::new(1, GFP_KERNEL)?, &*lock);
    /// assert_eq!(*cell.read(&rcu::read_lock()), 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new<T: ?Sized, B: Backend>(value: P, lock: &Lock<T, B>) -> Self {
        // INVARIANT: There is a pointer.
        Self {
            cell: LockedCell::new(Some(value), LockId::of(lock)),
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
    /// # use rcu::{NonNullRcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = NonNullRcu::<_>::new(RcuBox::new([1, 2], GFP_KERNEL)?, &*lock);
    /// let guard = rcu::read_lock();
    /// let [first, second] = cell.read(&guard);
    /// assert_eq!(first + second, 3);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline(always)]
    pub fn read<'g>(&'g self, _guard: &'g impl Reader<D>) -> &'g P::Target {
        // SAFETY: By the type invariants the pointer is not null, and it was published by this
        // cell. While the guard lives, a grace period of `D` that began after the pointer was
        // unlinked does not end, and `Retired`, which the unlinking made, gives it to nobody
        // before. While the cell is borrowed, it is not dropped.
        unsafe { self.cell.follow().unwrap_unchecked() }
    }

    /// The pointer's value, to be compared and not to be followed: `rcu_access_pointer()`. Any
    /// context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{NonNullRcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = NonNullRcu::<_>::new(RcuBox::new(1, GFP_KERNEL)?, &*lock);
    /// assert_eq!(cell.access(), cell.access());
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
    /// # use rcu::{NonNullRcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = NonNullRcu::<_>::new(RcuBox::new(1, GFP_KERNEL)?, &*lock);
    /// assert_eq!(*cell.get(&lock.lock())?, 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn get<'a, T: ?Sized, B: Backend>(
        &'a self,
        guard: &'a Guard<'_, T, B>,
    ) -> Result<&'a P::Target, WrongLock> {
        let target = self.cell.get(guard)?;
        // SAFETY: By the type invariants there is one.
        Ok(unsafe { target.unwrap_unchecked() })
    }

    /// Makes the holder of the cell's lock its updater. The context of the lock.
    ///
    /// The guard of another lock is [`WrongLock`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{NonNullRcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = NonNullRcu::<_>::new(RcuBox::new(1, GFP_KERNEL)?, &*lock);
    /// let new = RcuBox::new(2, GFP_KERNEL)?;
    /// let old = cell.updater(&mut lock.lock())?.replace(new);
    /// assert_eq!(*old.synchronize(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn updater<'a, T: ?Sized, B: Backend>(
        &'a self,
        guard: &'a mut Guard<'_, T, B>,
    ) -> Result<NonNullUpdater<'a, P, D>, WrongLock> {
        // INVARIANT: This is the cell's lock, and the borrow of its guard keeps it, exclusively,
        // for `'a`. Readers reach the cell only through `read`, that is, in `D`; and it is not empty.
        Ok(NonNullUpdater(Updater::of(
            self.cell.under(guard)?,
            D::DOMAIN,
        )))
    }
}

/// The only updater of a [`NonNullRcu`]: an [`Updater`] that leaves no cell empty.
///
/// # Invariants
///
/// The cell is not empty.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::{NonNullRcu, RcuBox};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let cell = NonNullRcu::<_>::new(RcuBox::new(1, GFP_KERNEL)?, &*lock);
/// let new = RcuBox::new(7, GFP_KERNEL)?;
/// let mut guard = lock.lock();
/// let mut updater = cell.updater(&mut guard)?;
/// if *updater.get() < 7 {
///     updater.replace(new).call_rcu();
/// }
/// assert_eq!(*updater.get(), 7);
/// # Ok::<(), Error>(())
/// ```
pub struct NonNullUpdater<'a, P: Pointer, D: Domain = Vanilla>(Updater<'a, P, D>);

impl<P: Pointer, D: Domain> NonNullUpdater<'_, P, D> {
    /// As [`Updater::get`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{NonNullRcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = NonNullRcu::<_>::new(RcuBox::new(1, GFP_KERNEL)?, &*lock);
    /// assert_eq!(*cell.updater(&mut lock.lock())?.get(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn get(&self) -> &P::Target {
        // SAFETY: By the type invariants there is one.
        unsafe { self.0.get().unwrap_unchecked() }
    }

    /// As [`Updater::replace`], from a pointer to a pointer: `rcu_replace_pointer()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{NonNullRcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = NonNullRcu::<_>::new(RcuBox::new(1, GFP_KERNEL)?, &*lock);
    /// let new = RcuBox::new(2, GFP_KERNEL)?;
    /// cell.updater(&mut lock.lock())?.replace(new).call_rcu();
    /// assert_eq!(*cell.read(&rcu::read_lock()), 2);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn replace(&mut self, new: P) -> Retired<P, D> {
        // INVARIANT: A new pointer takes the place of the old one.
        let old = self.0.publish(new);
        // SAFETY: By the type invariants there was one.
        unsafe { old.unwrap_unchecked() }
    }

    /// As [`Updater::update`]: read, copy, update.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{NonNullRcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = NonNullRcu::<_>::new(RcuBox::new(1, GFP_KERNEL)?, &*lock);
    /// let mut guard = lock.lock();
    /// let mut updater = cell.updater(&mut guard)?;
    /// updater.update(|old| Ok(RcuBox::new(old + 1, GFP_KERNEL)?))?.call_rcu();
    /// // What fails changes nothing.
    /// assert!(updater.update(|_| Err(ENOMEM)).is_err());
    /// assert_eq!(*cell.read(&rcu::read_lock()), 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn update(
        &mut self,
        change: impl FnOnce(&P::Target) -> Result<P>,
    ) -> Result<Retired<P, D>> {
        let new = change(self.get())?;
        Ok(self.replace(new))
    }
}
