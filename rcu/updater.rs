// SPDX-License-Identifier: GPL-2.0

//! The right to change a cell.

use crate::{
    cell::RawCell,
    Domain,
    Pointer,
    Retired,
    Vanilla, //
};
use kernel::prelude::*;

/// The only updater of a cell, for as long as it borrows the guard of the cell's lock.
///
/// Whether the guard is of that lock was looked at when this was made ([`Rcu::updater`] and its
/// like), so nothing that is done with it can be refused, or costs more than it does in C. The context
/// of all of it is that of the lock.
///
/// [`Rcu::updater`]: crate::Rcu::updater
///
/// # Invariants
///
/// Nobody else changes `cell` for `'a`. Readers reach it in `domain` only.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::{Rcu, RcuBox};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// # let [cell, other] = [0, 1].map(|_| Rcu::<RcuBox<u32>>::new(None, &*lock));
/// let new = RcuBox::new(2, GFP_KERNEL)?;
/// let mut guard = lock.lock();
/// let mut updater = cell.updater(&mut guard)?;
/// if updater.get().is_none() {
///     assert!(updater.publish(new).is_none());
/// }
/// // The next cell of the same lock.
/// assert!(other.updater(&mut guard)?.take().is_none());
/// # Ok::<(), Error>(())
/// ```
pub struct Updater<'a, P: Pointer, D: Domain = Vanilla> {
    cell: &'a RawCell<P>,
    domain: D,
}

impl<'a, P: Pointer, D: Domain> Updater<'a, P, D> {
    /// Makes one. The caller, who borrows the guard of the cell's lock exclusively for `'a`,
    /// establishes the invariants.
    #[inline(always)]
    pub(crate) fn of(cell: &'a RawCell<P>, domain: D) -> Self {
        Self { cell, domain }
    }

    /// Follows the pointer: `rcu_dereference_protected()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{Rcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = Rcu::<_>::new(Some(RcuBox::new(1, GFP_KERNEL)?), &*lock);
    /// assert_eq!(cell.updater(&mut lock.lock())?.get(), Some(&1));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn get(&self) -> Option<&P::Target> {
        // SAFETY: What the cell holds, it owns, and by the type invariants nobody else changes it.
        // This updater does not while it is borrowed.
        unsafe { self.cell.follow() }
    }

    /// Publishes `new`, or nothing, and unlinks the old pointer: `rcu_replace_pointer()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{Rcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = Rcu::<_>::new(Some(RcuBox::new(1, GFP_KERNEL)?), &*lock);
    /// let new = RcuBox::new(2, GFP_KERNEL)?;
    /// let old = cell.updater(&mut lock.lock())?.replace(Some(new));
    /// // Readers that came before may see it; it is dropped after they have left.
    /// assert!(old.is_some_and(|old| *old == 1));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn replace(&mut self, new: Option<P>) -> Option<Retired<P, D>> {
        // SAFETY: By the type invariants nobody else changes the cell.
        let old = unsafe { self.cell.replace(new) }?;
        // SAFETY: The pointer was unlinked just above, and by the type invariants readers reach it
        // in `domain` only.
        Some(unsafe { Retired::new(old, self.domain) })
    }

    /// Publishes `new` and unlinks what was there before, if anything was: `rcu_assign_pointer()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{Rcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = Rcu::<_>::new(None, &*lock);
    /// let new = RcuBox::new(1, GFP_KERNEL)?;
    /// assert!(cell.updater(&mut lock.lock())?.publish(new).is_none());
    /// assert_eq!(cell.read(&rcu::read_lock()), Some(&1));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn publish(&mut self, new: P) -> Option<Retired<P, D>> {
        self.replace(Some(new))
    }

    /// Unlinks the pointer and leaves none.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{Rcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = Rcu::<_>::new(Some(RcuBox::new(1, GFP_KERNEL)?), &*lock);
    /// let old = cell.updater(&mut lock.lock())?.take().ok_or(ENOENT)?;
    /// assert!(!cell.is_some());
    /// assert_eq!(*old.synchronize(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn take(&mut self) -> Option<Retired<P, D>> {
        self.replace(None)
    }

    /// Replaces the target by what `change` makes of it: read, copy, update.
    ///
    /// `change` sees the current target, or nothing if there is none. An error of it leaves
    /// everything as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{Rcu, RcuBox};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell = Rcu::<_>::new(Some(RcuBox::new([1, 2], GFP_KERNEL)?), &*lock);
    /// let old = cell.updater(&mut lock.lock())?.update(|old| {
    ///     let mut new = old.copied().ok_or(ENOENT)?;
    ///     new[1] = 7;
    ///     Ok(RcuBox::new(new, GFP_KERNEL)?)
    /// })?;
    /// drop(old);
    /// assert_eq!(cell.read(&rcu::read_lock()), Some(&[1, 7]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn update(
        &mut self,
        change: impl FnOnce(Option<&P::Target>) -> Result<P>,
    ) -> Result<Option<Retired<P, D>>> {
        let new = change(self.get())?;
        Ok(self.publish(new))
    }
}
