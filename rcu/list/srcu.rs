// SPDX-License-Identifier: GPL-2.0

//! Lists whose readers may sleep.

use super::{
    raw::RawList,
    steps::Follow,
    Cursor,
    Direction,
    Entry,
    Forward,
    Iter,
    Refusal,
    Shape,
    Sole, //
};
use crate::{
    cell::LockId,
    srcu::{
        DomainId,
        Kind,
        Normal,
        Section, //
    },
    Srcu, //
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

/// A list of `T` that readers of one [`Srcu`] domain walk without a lock.
///
/// As [`RcuList`](crate::RcuList), and the domain is named when the list is made, as the lock is: a
/// guard of another one is an error. `K` is the kind of the domain's readers.
///
/// # Invariants
///
/// Readers reach the entries in the domain called `domain` only.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*, sync::Mutex};
/// # use rcu::{list::{Node, SrcuList}, Srcu};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// # let domain = KBox::pin_init(rcu::new_srcu!("sessions"), GFP_KERNEL)?;
/// let list: Pin<KBox<SrcuList<u32>>> =
///     KBox::pin_init(SrcuList::new(&*lock, &domain), GFP_KERNEL)?;
/// list.cursor(&mut lock.lock(), &domain)?.push_back(Node::new(7, GFP_KERNEL)?);
///
/// let guard = domain.read_lock();
/// for entry in list.iter(&guard)? {
///     // May sleep here.
///     assert_eq!(*entry, 7);
/// }
/// drop(guard);
///
/// let old = list.cursor(&mut lock.lock(), &domain)?.remove().ok_or(ENOENT)?;
/// assert_eq!(old.synchronize().into_inner(), 7);
/// # Ok::<(), Error>(())
/// ```
#[pin_data]
pub struct SrcuList<T, const ID: usize = 0, S = Sole, W = Forward, K = Normal>
where
    T: Send + Sync + 'static,
    S: Shape,
    W: Direction,
    K: Kind,
{
    #[pin]
    raw: RawList<T, ID, S, W>,
    domain: DomainId,
    _kind: PhantomData<K>,
}

impl<T, const ID: usize, S, W, K> SrcuList<T, ID, S, W, K>
where
    T: Send + Sync + 'static,
    S: Shape,
    W: Direction,
    K: Kind,
{
    /// Creates an initializer for an empty list that is updated under `lock` and read in `domain`.
    /// Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::list::SrcuList;
    /// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let list: Pin<KBox<SrcuList<u32>>> =
    ///     KBox::pin_init(SrcuList::new(&*lock, &domain), GFP_KERNEL)?;
    /// assert!(list.is_empty());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new<U: ?Sized, B: Backend>(lock: &Lock<U, B>, domain: &Srcu<K>) -> impl PinInit<Self> {
        let (lock, domain) = (LockId::of(lock), DomainId::of(domain));
        // INVARIANT: There is no entry yet.
        pin_init!(Self {
            raw <- RawList::new(lock),
            domain,
            _kind: PhantomData,
        })
    }

    fn check_domain(&self, domain: DomainId) -> Result<(), Refusal> {
        if domain == self.domain {
            Ok(())
        } else {
            Err(Refusal::WrongDomain)
        }
    }

    /// Walks the list as a reader: `list_for_each_entry_srcu()`. The context of the guard.
    ///
    /// A guard of another domain is [`Refusal::WrongDomain`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::{Node, SrcuList}, Srcu};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// # let list: Pin<KBox<SrcuList<u32>>> =
    /// #     KBox::pin_init(SrcuList::new(&*lock, &domain), GFP_KERNEL)?;
    /// # for value in 0..3 {
    /// #     list.cursor(&mut lock.lock(), &domain)?.push_back(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let guard = domain.read_lock();
    /// assert!(list.iter(&guard)?.map(|entry| *entry).eq([0, 1, 2]));
    ///
    /// let other = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// assert!(list.iter(&other.read_lock()).is_err());
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn iter<'g>(&'g self, guard: &'g impl Section<K>) -> Result<Iter<'g, T, ID, S>, Refusal> {
        self.check_domain(DomainId::of(guard.domain()))?;
        // INVARIANT: The guard, of the list's domain, keeps every entry that can be reached from
        // now on alive for `'g`.
        Ok(Iter::from(self.raw.entrance()))
    }

    /// Whether there is no entry at this moment: `list_empty()`. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::{Node, SrcuList}, Srcu};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// # let list: Pin<KBox<SrcuList<u32>>> =
    /// #     KBox::pin_init(SrcuList::new(&*lock, &domain), GFP_KERNEL)?;
    /// assert!(list.is_empty());
    /// list.cursor(&mut lock.lock(), &domain)?.push_back(Node::new(1, GFP_KERNEL)?);
    /// assert!(!list.is_empty());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Makes the holder of the list's lock its updater, who starts at the first entry. The context
    /// of the lock.
    ///
    /// What is removed is retired to `domain`; another one than the list's is
    /// [`Refusal::WrongDomain`], the guard of another lock [`Refusal::WrongLock`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::{Node, SrcuList}, Srcu};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// # let list: Pin<KBox<SrcuList<u32>>> =
    /// #     KBox::pin_init(SrcuList::new(&*lock, &domain), GFP_KERNEL)?;
    /// # for value in 0..3 {
    /// #     list.cursor(&mut lock.lock(), &domain)?.push_back(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let old = list.cursor(&mut lock.lock(), &domain)?.remove().ok_or(ENOENT)?;
    /// // The lock is not held any more: readers of the domain may wait for it.
    /// assert_eq!(old.synchronize().into_inner(), 0);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn cursor<'a, 'd, U: ?Sized, B: Backend>(
        &'a self,
        guard: &'a mut Guard<'_, U, B>,
        domain: &'d Srcu<K>,
    ) -> Result<Cursor<'a, T, ID, S, &'d Srcu<K>, W>, Refusal> {
        self.check_domain(DomainId::of(domain))?;
        self.raw.check(guard)?;
        // INVARIANT: This is the list's lock, and the borrow of its guard keeps it, exclusively,
        // for `'a`. Readers are the domain's.
        Ok(Cursor::at(&self.raw, self.raw.head().next(), domain))
    }

    /// Starts at `entry`, which a reader of this list, or of another one that holds the same
    /// object, has found. The context of the lock.
    ///
    /// An entry that is not in this list, or not any more, is [`Refusal::NotHere`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::{Node, SrcuList}, Srcu};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// # let list: Pin<KBox<SrcuList<u32>>> =
    /// #     KBox::pin_init(SrcuList::new(&*lock, &domain), GFP_KERNEL)?;
    /// # for value in 0..3 {
    /// #     list.cursor(&mut lock.lock(), &domain)?.push_back(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let reader = domain.read_lock();
    /// let found = list.iter(&reader)?.find(|entry| **entry == 1).ok_or(ENOENT)?;
    /// let mut guard = lock.lock();
    /// list.cursor_at(&mut guard, &domain, found)?.remove().ok_or(ENOENT)?.call_rcu();
    /// assert!(list.iter(&reader)?.map(|entry| *entry).eq([0, 2]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn cursor_at<'a, 'd, U: ?Sized, B: Backend>(
        &'a self,
        guard: &'a mut Guard<'_, U, B>,
        domain: &'d Srcu<K>,
        entry: Entry<'_, T, S>,
    ) -> Result<Cursor<'a, T, ID, S, &'d Srcu<K>, W>, Refusal> {
        self.check_domain(DomainId::of(domain))?;
        self.raw.check(guard)?;
        let links = self.raw.find(entry).ok_or(Refusal::NotHere)?;
        // INVARIANT: As in `cursor`; the entry is in this list.
        Ok(Cursor::at(&self.raw, links, domain))
    }
}

// SAFETY: As for `RcuList`.
unsafe impl<T, const ID: usize, S, W, K> Send for SrcuList<T, ID, S, W, K>
where
    T: Send + Sync + 'static,
    S: Shape,
    W: Direction,
    K: Kind,
{
}
// SAFETY: As for `RcuList`.
unsafe impl<T, const ID: usize, S, W, K> Sync for SrcuList<T, ID, S, W, K>
where
    T: Send + Sync + 'static,
    S: Shape,
    W: Direction,
    K: Kind,
{
}
