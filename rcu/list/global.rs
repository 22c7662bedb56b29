// SPDX-License-Identifier: GPL-2.0

//! Lists whose readers are of one kind everywhere in the kernel, as those of vanilla RCU are.

use super::{
    raw::RawList,
    steps::Follow,
    Bidirectional,
    Cursor,
    Direction,
    Entry,
    Forward,
    Iter,
    Refusal,
    Rev,
    Shape,
    Sole, //
};
use crate::{
    cell::LockId,
    Global,
    Reader,
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

/// A list of `T` that readers of the domain `D` walk without a lock.
///
/// Updaters change it by way of a [`Cursor`], under a lock, which is named when the list is made;
/// another lock is an error. What is removed comes back as [`Retired`](crate::Retired). A reader
/// that stands on an entry while it is removed goes on correctly from there.
///
/// An object with several links can be in several lists at a time, by a link of another `ID` in
/// each.
///
/// # Invariants
///
/// Readers reach the entries in `D` only.
///
/// # Examples
///
/// ```
/// # use kernel::{new_spinlock, prelude::*, sync::SpinLock};
/// # use rcu::{list::Node, RcuList};
/// #[pin_data]
/// struct Jobs {
///     #[pin]
///     lock: SpinLock<()>,
///     #[pin]
///     list: RcuList<u32>,
/// }
///
/// impl Jobs {
///     fn new() -> impl PinInit<Self> {
///         pin_init!(Self {
///             lock <- new_spinlock!(()),
///             list <- RcuList::new(&lock),
///         })
///     }
///
///     fn add(&self, job: u32) -> Result {
///         let node = Node::new(job, GFP_KERNEL)?;
///         self.list.cursor(&mut self.lock.lock())?.push_back(node);
///         Ok(())
///     }
///
///     fn is_there(&self, job: u32) -> bool {
///         self.list.iter(&rcu::read_lock()).any(|entry| *entry == job)
///     }
///
///     fn remove(&self, job: u32) -> Result {
///         let mut guard = self.lock.lock();
///         let mut cursor = self.list.cursor(&mut guard)?;
///         cursor.find(|entry| *entry == job);
///         cursor.remove().ok_or(ENOENT)?.call_rcu();
///         Ok(())
///     }
/// }
/// # let jobs = KBox::pin_init(Jobs::new(), GFP_KERNEL)?;
/// # jobs.add(1)?;
/// # assert!(jobs.is_there(1));
/// # jobs.remove(1)?;
/// # assert!(!jobs.is_there(1));
/// # Ok::<(), Error>(())
/// ```
#[pin_data]
pub struct RcuList<T, const ID: usize = 0, S = Sole, D = Vanilla, W = Forward>
where
    T: Send + Sync + 'static,
    S: Shape,
    D: Global,
    W: Direction,
{
    #[pin]
    raw: RawList<T, ID, S, W>,
    _domain: PhantomData<D>,
}

/// A list that readers can walk backward too.
///
/// As [`RcuList`], and never to be mixed with it: a removal leaves the way back of the removed entry
/// as it was, for the readers that stand on it (`list_bidir_del_rcu()`), and an insertion publishes
/// both ways.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*, sync::Mutex};
/// # use rcu::{list::Node, RcuBidirList};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let list: Pin<KBox<RcuBidirList<u32>>> = KBox::pin_init(RcuBidirList::new(&*lock), GFP_KERNEL)?;
/// for value in 0..3 {
///     list.cursor(&mut lock.lock())?.push_back(Node::new(value, GFP_KERNEL)?);
/// }
/// let guard = rcu::read_lock();
/// assert!(list.iter_rev(&guard).map(|entry| *entry).eq([2, 1, 0]));
/// # Ok::<(), Error>(())
/// ```
pub type RcuBidirList<T, const ID: usize = 0, S = Sole, D = Vanilla> =
    RcuList<T, ID, S, D, Bidirectional>;

impl<T, const ID: usize, S, D, W> RcuList<T, ID, S, D, W>
where
    T: Send + Sync + 'static,
    S: Shape,
    D: Global,
    W: Direction,
{
    /// Creates an initializer for an empty list that is updated under `lock`. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::RcuList;
    /// let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
    /// assert!(list.is_empty());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new<U: ?Sized, B: Backend>(lock: &Lock<U, B>) -> impl PinInit<Self> {
        let lock = LockId::of(lock);
        // INVARIANT: There is no entry yet.
        pin_init!(Self {
            raw <- RawList::new(lock),
            _domain: PhantomData,
        })
    }

    /// Walks the list as a reader: `list_for_each_entry_rcu()`. Any context.
    ///
    /// What is borrowed lives as long as both the list and the guard.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuList};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
    /// # for value in 0..3 {
    /// #     list.cursor(&mut lock.lock())?.push_back(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let guard = rcu::read_lock();
    /// assert!(list.iter(&guard).map(|entry| *entry).eq([0, 1, 2]));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline(always)]
    pub fn iter<'g>(&'g self, _guard: &'g impl Reader<D>) -> Iter<'g, T, ID, S> {
        // INVARIANT: The guard keeps every entry that can be reached from now on alive for `'g`.
        Iter::from(self.raw.entrance())
    }

    /// Whether there is no entry at this moment: `list_empty()`. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuList};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
    /// assert!(list.is_empty());
    /// list.cursor(&mut lock.lock())?.push_back(Node::new(1, GFP_KERNEL)?);
    /// assert!(!list.is_empty());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Makes the holder of the list's lock its updater, who starts at the first entry. The context
    /// of the lock.
    ///
    /// The guard of another lock is [`WrongLock`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuList};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
    /// # for value in 0..3 {
    /// #     list.cursor(&mut lock.lock())?.push_back(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let old = list.cursor(&mut lock.lock())?.remove().ok_or(ENOENT)?;
    /// assert_eq!(old.synchronize().into_inner(), 0);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn cursor<'a, U: ?Sized, B: Backend>(
        &'a self,
        guard: &'a mut Guard<'_, U, B>,
    ) -> Result<Cursor<'a, T, ID, S, D, W>, WrongLock> {
        self.raw.check(guard)?;
        // INVARIANT: This is the list's lock, and the borrow of its guard keeps it, exclusively,
        // for `'a`. Readers are `D`'s.
        Ok(Cursor::at(&self.raw, self.raw.head().next(), D::DOMAIN))
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
    /// # use rcu::{list::Node, RcuList};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
    /// # for value in 0..3 {
    /// #     list.cursor(&mut lock.lock())?.push_back(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let mut guard = lock.lock();
    /// let reader = rcu::read_lock();
    /// let found = list.iter(&reader).find(|entry| **entry == 1).ok_or(ENOENT)?;
    /// list.cursor_at(&mut guard, found)?.remove().ok_or(ENOENT)?.call_rcu();
    /// assert!(list.iter(&reader).map(|entry| *entry).eq([0, 2]));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn cursor_at<'a, U: ?Sized, B: Backend>(
        &'a self,
        guard: &'a mut Guard<'_, U, B>,
        entry: Entry<'_, T, S>,
    ) -> Result<Cursor<'a, T, ID, S, D, W>, Refusal> {
        self.raw.check(guard)?;
        let links = self.raw.find(entry).ok_or(Refusal::NotHere)?;
        // INVARIANT: As in `cursor`; the entry is in this list.
        Ok(Cursor::at(&self.raw, links, D::DOMAIN))
    }
}

impl<T, const ID: usize, S, D> RcuList<T, ID, S, D, Bidirectional>
where
    T: Send + Sync + 'static,
    S: Shape,
    D: Global,
{
    /// Walks the list backward as a reader, by `list_bidir_prev_rcu()`. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuBidirList};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuBidirList<u32>>> =
    /// #     KBox::pin_init(RcuBidirList::new(&*lock), GFP_KERNEL)?;
    /// # for value in 0..3 {
    /// #     list.cursor(&mut lock.lock())?.push_back(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let guard = rcu::read_lock();
    /// assert!(list.iter_rev(&guard).map(|entry| *entry).eq([2, 1, 0]));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline(always)]
    pub fn iter_rev<'g>(&'g self, _guard: &'g impl Reader<D>) -> Rev<'g, T, ID, S> {
        // INVARIANT: As in `iter`.
        Rev::from(self.raw.entrance())
    }
}

// SAFETY: The list owns nodes, which are `Send`, and gives out `&T`, which is `Sync`.
unsafe impl<T, const ID: usize, S, D, W> Send for RcuList<T, ID, S, D, W>
where
    T: Send + Sync + 'static,
    S: Shape,
    D: Global,
    W: Direction,
{
}
// SAFETY: Readers on several CPUs share `&T`, which is `Sync`; an updater takes nodes out, which
// are `Send`, under a lock.
unsafe impl<T, const ID: usize, S, D, W> Sync for RcuList<T, ID, S, D, W>
where
    T: Send + Sync + 'static,
    S: Shape,
    D: Global,
    W: Direction,
{
}
