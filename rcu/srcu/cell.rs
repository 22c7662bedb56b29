// SPDX-License-Identifier: GPL-2.0

//! The pointer that readers of an SRCU domain of a module's own follow.

use super::{
    Kind,
    Normal,
    Section,
    Srcu, //
};
use crate::{
    cell::{
        LockId,
        LockedCell, //
    },
    list::Refusal,
    Pointer,
    Updater,
    WrongLock, //
};
use core::{
    marker::PhantomData,
    ptr, //
};
use kernel::{
    prelude::*,
    sync::lock::{
        self,
        Backend,
        Lock, //
    },
};

/// A cell was used with a domain that is not its own. Nothing was read or changed.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::{RcuBox, SrcuCell};
/// # let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// # let cell = SrcuCell::new(Some(RcuBox::new(7, GFP_KERNEL)?), &*lock, &domain);
/// let other = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
/// let wrong = cell.read(&other.read_lock()).map(|_| ());
/// assert_eq!(wrong.map_err(Error::from), Err(EINVAL));
/// # Ok::<(), Error>(())
/// ```
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
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*};
/// use rcu::{RcuBox, SrcuCell};
///
/// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
/// let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let cell = SrcuCell::new(Some(RcuBox::new(7, GFP_KERNEL)?), &*lock, &domain);
///
/// let guard = domain.read_lock();
/// assert_eq!(cell.read(&guard)?.copied(), Some(7));
/// drop(guard);
///
/// let new = RcuBox::new(8, GFP_KERNEL)?;
/// let old = cell.updater(&mut lock.lock(), &domain)?.replace(Some(new));
/// if let Some(old) = old {
///     assert_eq!(*old.synchronize(), 7);
/// }
/// # Ok::<(), Error>(())
/// ```
pub struct SrcuCell<P: Pointer, K: Kind = Normal> {
    cell: LockedCell<P>,
    domain: DomainId,
    _kind: PhantomData<K>,
}

/// The address of a domain, as a name for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct DomainId(usize);

impl DomainId {
    #[inline]
    pub(crate) fn of<K: Kind>(domain: &Srcu<K>) -> Self {
        DomainId(ptr::from_ref(domain).addr())
    }
}

impl<P: Pointer, K: Kind> SrcuCell<P, K> {
    /// Makes a cell that is updated under `lock` and read in `domain`. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{RcuBox, SrcuCell};
    /// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let cell: SrcuCell<RcuBox<u32>> = SrcuCell::new(None, &*lock, &domain);
    /// assert!(cell.read(&domain.read_lock())?.is_none());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new<T: ?Sized, B: Backend>(
        value: Option<P>,
        lock: &Lock<T, B>,
        domain: &Srcu<K>,
    ) -> Self {
        Self {
            cell: LockedCell::new(value, LockId::of(lock)),
            domain: DomainId::of(domain),
            _kind: PhantomData,
        }
    }

    /// Follows the pointer as a reader: `srcu_dereference()`. Any context.
    ///
    /// A guard of another domain is [`WrongDomain`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{RcuBox, SrcuCell};
    /// # let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let cell = SrcuCell::new(Some(RcuBox::new(7, GFP_KERNEL)?), &*lock, &domain);
    /// let guard = domain.read_lock();
    /// if let Some(value) = cell.read(&guard)? {
    ///     // May sleep here.
    ///     assert_eq!(*value, 7);
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn read<'g>(
        &'g self,
        guard: &'g impl Section<K>,
    ) -> Result<Option<&'g P::Target>, WrongDomain> {
        if DomainId::of(guard.domain()) != self.domain {
            return Err(WrongDomain);
        }
        // SAFETY: The pointer is null or was published by this cell. While the guard lives, a
        // grace period of its domain, which is the cell's, does not end, and `Retired`, which an
        // unlinking makes, gives the pointer to nobody before. While the cell is borrowed, it is
        // not dropped.
        Ok(unsafe { self.cell.follow() })
    }

    /// Follows the pointer under the update lock, without a reader's guard:
    /// `srcu_dereference_check()`. The context of the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{RcuBox, SrcuCell};
    /// # let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let cell = SrcuCell::new(Some(RcuBox::new(7, GFP_KERNEL)?), &*lock, &domain);
    /// // Nobody else updates the cell under the lock, so no section is needed.
    /// assert_eq!(cell.get(&lock.lock())?.copied(), Some(7));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn get<'a, T: ?Sized, B: Backend>(
        &'a self,
        guard: &'a lock::Guard<'_, T, B>,
    ) -> Result<Option<&'a P::Target>, WrongLock> {
        self.cell.get(guard)
    }

    /// Makes the holder of the cell's lock its updater, who retires to the cell's domain. The
    /// context of the lock.
    ///
    /// Another lock than the cell's is [`Refusal::WrongLock`], another domain
    /// [`Refusal::WrongDomain`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Refusal, RcuBox, SrcuCell};
    /// # let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let cell = SrcuCell::new(Some(RcuBox::new(7, GFP_KERNEL)?), &*lock, &domain);
    /// let old = cell.updater(&mut lock.lock(), &domain)?.take();
    /// assert!(old.is_some_and(|old| *old.synchronize() == 7));
    ///
    /// let other = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// let refused = cell.updater(&mut lock.lock(), &other).map(|_| ());
    /// assert_eq!(refused, Err(Refusal::WrongDomain));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn updater<'a, 'd, T: ?Sized, B: Backend>(
        &'a self,
        guard: &'a mut lock::Guard<'_, T, B>,
        domain: &'d Srcu<K>,
    ) -> Result<Updater<'a, P, &'d Srcu<K>>, Refusal> {
        if DomainId::of(domain) != self.domain {
            return Err(Refusal::WrongDomain);
        }
        // INVARIANT: This is the cell's lock, and the borrow of its guard keeps it, exclusively,
        // for `'a`. Readers reach the cell only through `read`, that is, in the cell's domain.
        Ok(Updater::of(self.cell.under(guard)?, domain))
    }
}
