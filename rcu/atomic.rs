// SPDX-License-Identifier: GPL-2.0

//! The pointer that updaters exchange without a lock.

use crate::{
    cell::ExchangeCell,
    Global,
    Pointer,
    RcuBox,
    Reader,
    Retired,
    Vanilla, //
};
use core::marker::PhantomData;
use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Full,
        Release, //
    }, //
};

/// A pointer, or none, that readers of the domain `D` follow, and updaters exchange, without a lock.
///
/// Unlike with [`Rcu`](crate::Rcu) nobody can hold the pointer still, so that it is followed under
/// a guard only. It can stand in a `static`: see [`AtomicRcu::claim`].
///
/// # Invariants
///
/// While `claimed` there is a [`Claim`], and only then.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::{AtomicRcu, RcuBox};
/// static LIMIT: AtomicRcu<RcuBox<u32>> = AtomicRcu::empty();
///
/// fn raise(by: u32) -> Result {
///     let old = LIMIT.update(&rcu::read_lock(), |limit| {
///         let limit = limit.copied().unwrap_or(0);
///         Ok(RcuBox::new(limit + by, GFP_ATOMIC)?)
///     })?;
///     drop(old); // After a grace period.
///     Ok(())
/// }
///
/// // Nobody drops a static: its owner does it.
/// let owner = LIMIT.claim().ok_or(EBUSY)?;
/// raise(2)?;
/// raise(3)?;
/// assert_eq!(LIMIT.read(&rcu::read_lock()), Some(&5));
/// drop(owner);
/// # Ok::<(), Error>(())
/// ```
pub struct AtomicRcu<P: Pointer, D: Global = Vanilla> {
    cell: ExchangeCell<P>,
    claimed: Atomic<bool>,
    _domain: PhantomData<D>,
}

/// What an exchange that did not take place gives back: the pointer that is there, and the one that
/// was to be.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::{AtomicRcu, RcuBox, Refused};
/// /// The value that was there first.
/// fn first((there, _ours): Refused<'_, RcuBox<u32>>) -> Option<u32> {
///     there.copied()
/// }
///
/// let cell = AtomicRcu::<_>::new(RcuBox::new(1, GFP_KERNEL)?);
/// let new = RcuBox::new(2, GFP_KERNEL)?;
/// let guard = rcu::read_lock();
/// let refused = cell.compare_exchange(&guard, None, Some(new));
/// assert_eq!(refused.map_err(first).err(), Some(Some(1)));
/// # Ok::<(), Error>(())
/// ```
pub type Refused<'g, P> = (Option<&'g <P as Pointer>::Target>, Option<P>);

impl<P: Pointer, D: Global> AtomicRcu<P, D> {
    /// Makes one without a pointer. Any context, also a `static`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use rcu::{AtomicRcu, RcuBox};
    /// static LIMIT: AtomicRcu<RcuBox<u32>> = AtomicRcu::empty();
    /// assert!(!LIMIT.is_some());
    /// ```
    pub const fn empty() -> Self {
        Self {
            cell: ExchangeCell::empty(),
            claimed: Atomic::new(false),
            _domain: PhantomData,
        }
    }

    /// Makes one. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{AtomicRcu, RcuBox};
    /// let cell = AtomicRcu::<_>::new(RcuBox::new(1, GFP_KERNEL)?);
    /// assert!(cell.is_some());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(value: P) -> Self {
        Self {
            cell: ExchangeCell::new(Some(value)),
            claimed: Atomic::new(false),
            _domain: PhantomData,
        }
    }

    /// Follows the pointer as a reader: `rcu_dereference()`. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{AtomicRcu, RcuBox};
    /// let cell = AtomicRcu::<_>::new(RcuBox::new(1, GFP_KERNEL)?);
    /// let guard = rcu::read_lock();
    /// assert_eq!(cell.read(&guard), Some(&1));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline(always)]
    pub fn read<'g>(&'g self, _guard: &'g impl Reader<D>) -> Option<&'g P::Target> {
        // SAFETY: The pointer is null or was published here. While the guard lives, a grace period
        // of `D` that began after the pointer was unlinked does not end, and `Retired`, which the
        // unlinking made, gives it to nobody before. While `self` is borrowed, it is not dropped.
        unsafe { self.cell.follow() }
    }

    /// Whether there is a pointer: `rcu_access_pointer()`, compared with null. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use rcu::{AtomicRcu, RcuBox};
    /// assert!(!AtomicRcu::<RcuBox<u32>>::empty().is_some());
    /// ```
    #[inline]
    pub fn is_some(&self) -> bool {
        self.cell.is_some()
    }

    /// Publishes `new`, or nothing, and unlinks the old pointer: `xchg()`. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{AtomicRcu, RcuBox};
    /// let cell = AtomicRcu::<_>::new(RcuBox::new(1, GFP_KERNEL)?);
    /// let old = cell.swap(None).ok_or(ENOENT)?;
    /// assert!(!cell.is_some());
    /// assert_eq!(*old.synchronize(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn swap(&self, new: Option<P>) -> Option<Retired<P, D>> {
        let old = self.cell.swap(new)?;
        // SAFETY: The pointer was unlinked just above, and readers reach it only in `D`.
        Some(unsafe { Retired::new(old, D::DOMAIN) })
    }

    /// Publishes `new` if the pointer is still `current`, which the guard has kept alive since it
    /// was read, so that nothing else can have come to stand at its address: `cmpxchg()`. Any
    /// context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{AtomicRcu, RcuBox};
    /// let cell = AtomicRcu::<_>::new(RcuBox::new(1, GFP_KERNEL)?);
    /// let (two, three) = (RcuBox::new(2, GFP_KERNEL)?, RcuBox::new(3, GFP_KERNEL)?);
    ///
    /// let guard = rcu::read_lock();
    /// let one = cell.read(&guard);
    /// assert!(cell.compare_exchange(&guard, one, Some(two)).is_ok());
    /// // It is another one now; what was brought comes back.
    /// let (there, back) = cell.compare_exchange(&guard, one, Some(three)).err().ok_or(EINVAL)?;
    /// assert_eq!(there, Some(&2));
    /// assert!(back.is_some_and(|back| *back == 3));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn compare_exchange<'g>(
        &'g self,
        guard: &'g impl Reader<D>,
        current: Option<&'g P::Target>,
        new: Option<P>,
    ) -> Result<Option<Retired<P, D>>, Refused<'g, P>> {
        match self.cell.compare_exchange(current, new) {
            // SAFETY: As in `swap`.
            Ok(old) => Ok(old.map(|old| unsafe { Retired::new(old, D::DOMAIN) })),
            Err(new) => Err((self.read(guard), new)),
        }
    }

    /// Replaces the target by what `change` makes of it: read, copy, update, again and again until
    /// no other updater came between.
    ///
    /// `change` sees the current target, or nothing if there is none, and runs under the guard, so
    /// that it must not sleep; what it made in vain is dropped there. An error of it leaves
    /// everything as it was. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{AtomicRcu, RcuBox};
    /// let cell = AtomicRcu::<_>::new(RcuBox::new(1, GFP_KERNEL)?);
    /// let old = cell.update(&rcu::read_lock(), |old| {
    ///     Ok(RcuBox::new(old.ok_or(ENOENT)? + 1, GFP_ATOMIC)?)
    /// })?;
    /// assert!(old.is_some_and(|old| *old == 1));
    /// assert_eq!(cell.read(&rcu::read_lock()), Some(&2));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn update<'g>(
        &'g self,
        guard: &'g impl Reader<D>,
        mut change: impl FnMut(Option<&P::Target>) -> Result<P>,
    ) -> Result<Option<Retired<P, D>>> {
        let mut current = self.read(guard);
        loop {
            let new = change(current)?;
            match self.compare_exchange(guard, current, Some(new)) {
                Ok(old) => return Ok(old),
                Err((other, _)) => current = other,
            }
        }
    }
}

impl<T: Send + Sync + 'static, D: Global> AtomicRcu<RcuBox<T>, D> {
    /// Makes the caller the owner of a pointer that stands in a `static`, which nobody drops.
    ///
    /// The owner belongs into the module's state: dropping it, at unload, retires the pointer.
    /// There is one owner at a time; a second claim gives nothing. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{AtomicRcu, Claim, RcuBox};
    /// static LIMIT: AtomicRcu<RcuBox<u32>> = AtomicRcu::empty();
    ///
    /// struct State {
    ///     _limit: Claim<u32>,
    /// }
    ///
    /// let state = State { _limit: LIMIT.claim().ok_or(EBUSY)? };
    /// assert!(LIMIT.claim().is_none());
    /// drop(state);
    /// assert!(LIMIT.claim().is_some());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn claim(&'static self) -> Option<Claim<T, D>> {
        self.claimed
            .cmpxchg(false, true, Full)
            .is_ok()
            .then_some(Claim(self))
    }
}

/// The owner of an [`AtomicRcu`] that stands in a `static`. Dropping it: any context.
///
/// It belongs behind all that can update, in a struct as the last field: fields are dropped in
/// order. What is published when the owner is gone stays until the next owner goes, and if there is
/// none before the module unloads, it leaks.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::{AtomicRcu, Claim, RcuBox};
/// static LIMIT: AtomicRcu<RcuBox<u32>> = AtomicRcu::empty();
///
/// let owner: Claim<u32> = LIMIT.claim().ok_or(EBUSY)?;
/// drop(LIMIT.swap(Some(RcuBox::new(1, GFP_KERNEL)?)));
/// // As the module's state goes, so does what the static points to.
/// drop(owner);
/// assert!(!LIMIT.is_some());
/// # Ok::<(), Error>(())
/// ```
#[must_use = "the pointer is retired as soon as this is dropped"]
pub struct Claim<T: Send + Sync + 'static, D: Global + 'static = Vanilla>(
    &'static AtomicRcu<RcuBox<T>, D>,
);

impl<T: Send + Sync + 'static, D: Global> Drop for Claim<T, D> {
    fn drop(&mut self) {
        drop(self.0.swap(None));
        self.0.claimed.store(false, Release);
    }
}

// SAFETY: It is an `ExchangeCell<P>`, which is `Send`; a domain is only named.
unsafe impl<P: Pointer, D: Global> Send for AtomicRcu<P, D> {}
// SAFETY: As above: the cell is `Sync`.
unsafe impl<P: Pointer, D: Global> Sync for AtomicRcu<P, D> {}
