// SPDX-License-Identifier: GPL-2.0

//! Lists whose readers are of one kind everywhere in the kernel, as those of vanilla RCU are.

use super::{
    links::{
        back,
        front, //
    },
    raw::RawList,
    steps::Follow,
    Bidirectional,
    Cursor,
    Direction,
    Entry,
    Forward,
    Iter,
    Node,
    Refusal,
    Removed,
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
/// Updaters change it under a lock, which is named when the list is made; another lock is an error
/// and changes nothing. What is removed comes back as [`Retired`](crate::Retired). A reader that
/// stands on an entry while it is removed goes on correctly from there.
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
///         Ok(self.list.push_back(&mut self.lock.lock(), node)?)
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
    pub(super) raw: RawList<T, ID, S, W>,
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
///     list.push_back(&mut lock.lock(), Node::new(value, GFP_KERNEL)?)?;
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
    /// #     list.push_back(&mut lock.lock(), Node::new(value, GFP_KERNEL)?)?;
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
    /// list.push_back(&mut lock.lock(), Node::new(1, GFP_KERNEL)?)?;
    /// assert!(!list.is_empty());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Puts `node` first: `list_add_rcu()`. The context of the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuList};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
    /// list.push_front(&mut lock.lock(), Node::new(1, GFP_KERNEL)?)?;
    /// list.push_front(&mut lock.lock(), Node::new(0, GFP_KERNEL)?)?;
    /// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([0, 1]));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn push_front<U: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, U, B>,
        node: Node<T, ID, S>,
    ) -> Result<(), WrongLock<Node<T, ID, S>>> {
        self.raw.push(guard, node, front)
    }

    /// Puts `node` last: `list_add_tail_rcu()`. The context of the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuList};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
    /// let node = Node::new(0, GFP_KERNEL)?;
    /// list.push_back(&mut lock.lock(), node)?;
    ///
    /// // Under another lock nothing is changed, and the node comes back.
    /// let other = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let refused = list.push_back(&mut other.lock(), Node::new(1, GFP_KERNEL)?);
    /// assert!(refused.is_err_and(|wrong| *wrong.0 == 1));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn push_back<U: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, U, B>,
        node: Node<T, ID, S>,
    ) -> Result<(), WrongLock<Node<T, ID, S>>> {
        self.raw.push(guard, node, back)
    }

    /// Walks the list as its only updater, starting at the first entry. The context of the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuList};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
    /// # for value in 0..3 {
    /// #     list.push_back(&mut lock.lock(), Node::new(value, GFP_KERNEL)?)?;
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
    /// #     list.push_back(&mut lock.lock(), Node::new(value, GFP_KERNEL)?)?;
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

    /// Removes the entries that `keep` does not accept, and passes each to `removed`. The context
    /// of the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuList};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
    /// # for value in 0..3 {
    /// #     list.push_back(&mut lock.lock(), Node::new(value, GFP_KERNEL)?)?;
    /// # }
    /// list.retain(&mut lock.lock(), |value| *value == 1, |old| old.call_rcu())?;
    /// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([1]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn retain<U: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, U, B>,
        mut keep: impl FnMut(&T) -> bool,
        mut removed: impl FnMut(Removed<T, D, ID, S>),
    ) -> Result<(), WrongLock> {
        let mut cursor = self.cursor(guard)?;
        while cursor.find(|value| !keep(value)) {
            let Some(old) = cursor.remove() else { break };
            removed(old);
        }
        Ok(())
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
    /// #     list.push_back(&mut lock.lock(), Node::new(value, GFP_KERNEL)?)?;
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
