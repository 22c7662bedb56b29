// SPDX-License-Identifier: GPL-2.0

//! Lists with a head of one word, for many short ones.
//!
//! C header: [`include/linux/rculist.h`](srctree/include/linux/rculist.h)

mod cursor;
pub(crate) mod raw;
pub(crate) mod steps;

pub use self::cursor::HlistCursor;

use self::{
    raw::{
        Pointer,
        RawHlist, //
    },
    steps::Link,
};
use crate::{
    cell::LockId,
    list::Refusal,
    node::{
        Entry,
        Shape,
        Sole, //
    },
    Global,
    Reader,
    Vanilla,
    WrongLock, //
};
use core::marker::{
    PhantomData,
    PhantomPinned, //
};
use kernel::{
    prelude::*,
    sync::lock::{
        Backend,
        Guard,
        Lock, //
    },
};

pub(crate) use crate::list::Order;

/// A list of `T`, walked forward only, whose head is one word.
///
/// As [`RcuList`](crate::RcuList), with the same nodes, and without what needs a way back.
///
/// # Invariants
///
/// The entries change only under the lock that `lock` names, held exclusively, or through
/// `&mut self`. Readers reach them in `D` only.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*, sync::Mutex};
/// # use rcu::{list::Node, RcuHlist};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
/// for value in 0..3 {
///     list.cursor(&mut lock.lock())?.push_front(Node::new(value, GFP_KERNEL)?);
/// }
/// let guard = rcu::read_lock();
/// assert!(list.iter(&guard).map(|entry| *entry).eq([2, 1, 0]));
/// # Ok::<(), Error>(())
/// ```
#[pin_data]
pub struct RcuHlist<T, const ID: usize = 0, S = Sole, D = Vanilla>
where
    T: Send + Sync + 'static,
    S: Shape,
    D: Global,
{
    raw: RawHlist<T, ID, S>,
    lock: LockId,
    _domain: PhantomData<D>,
    // Entries point back at the head.
    #[pin]
    _pin: PhantomPinned,
}

impl<T, const ID: usize, S, D> RcuHlist<T, ID, S, D>
where
    T: Send + Sync + 'static,
    S: Shape,
    D: Global,
{
    /// Creates an initializer for an empty list that is updated under `lock`. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::RcuHlist;
    /// let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
    /// assert!(list.is_empty());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new<U: ?Sized, B: Backend>(lock: &Lock<U, B>) -> impl PinInit<Self> {
        let lock = LockId::of(lock);
        // INVARIANT: There is no entry yet.
        pin_init!(Self {
            raw: RawHlist::new(),
            lock,
            _domain: PhantomData,
            _pin: PhantomPinned,
        })
    }

    /// Walks the list as a reader: `hlist_for_each_entry_rcu()`. Any context.
    ///
    /// What is borrowed lives as long as both the list and the guard.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuHlist};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
    /// # for value in (0..3).rev() {
    /// #     list.cursor(&mut lock.lock())?.push_front(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let guard = rcu::read_lock();
    /// assert!(list.iter(&guard).map(|entry| *entry).eq([0, 1, 2]));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline(always)]
    pub fn iter<'g>(&'g self, _guard: &'g impl Reader<D>) -> HlistIter<'g, T, ID, S> {
        // INVARIANT: The guard keeps every entry that can be reached from now on alive for `'g`.
        HlistIter::from(self.raw.first())
    }

    /// Whether there is no entry at this moment: `hlist_empty()`. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuHlist};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
    /// assert!(list.is_empty());
    /// list.cursor(&mut lock.lock())?.push_front(Node::new(1, GFP_KERNEL)?);
    /// assert!(!list.is_empty());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        steps::step(self.raw.first()).is_none()
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
    /// # use rcu::{list::Node, RcuHlist};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
    /// # for value in (0..3).rev() {
    /// #     list.cursor(&mut lock.lock())?.push_front(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let old = list.cursor(&mut lock.lock())?.remove().ok_or(ENOENT)?;
    /// assert_eq!(old.synchronize().into_inner(), 0);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn cursor<'a, U: ?Sized, B: Backend>(
        &'a self,
        guard: &'a mut Guard<'_, U, B>,
    ) -> Result<HlistCursor<'a, T, ID, S, D>, WrongLock> {
        self.lock.check(guard)?;
        // INVARIANT: This is the list's lock, and the borrow of its guard keeps it, exclusively,
        // for `'a`. Readers are `D`'s.
        Ok(HlistCursor::at(&self.raw, self.raw.first(), D::DOMAIN))
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
    /// # use rcu::{list::Node, RcuHlist};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
    /// # for value in (0..3).rev() {
    /// #     list.cursor(&mut lock.lock())?.push_front(Node::new(value, GFP_KERNEL)?);
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
    ) -> Result<HlistCursor<'a, T, ID, S, D>, Refusal> {
        self.lock.check(guard)?;
        let place = self.raw.find(entry).ok_or(Refusal::NotHere)?.place();
        // INVARIANT: As in `cursor`; the entry is in this list.
        Ok(HlistCursor::at(&self.raw, place, D::DOMAIN))
    }
}

// SAFETY: The list owns nodes, which are `Send`, and gives out `&T`, which is `Sync`.
unsafe impl<T, const ID: usize, S, D> Send for RcuHlist<T, ID, S, D>
where
    T: Send + Sync + 'static,
    S: Shape,
    D: Global,
{
}
// SAFETY: Readers on several CPUs share `&T`, which is `Sync`; an updater takes nodes out, which
// are `Send`, under a lock.
unsafe impl<T, const ID: usize, S, D> Sync for RcuHlist<T, ID, S, D>
where
    T: Send + Sync + 'static,
    S: Shape,
    D: Global,
{
}

/// What a reader sees of an hlist, in order.
///
/// # Invariants
///
/// `place` is in an hlist, or in an entry of it that stays alive for `'g`, as do all that can be
/// reached from there. The links are those number `ID` of the objects.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::{hlist::HlistIter, list::Sole};
///
/// /// Adds up what is left of a walk.
/// fn sum(rest: HlistIter<'_, u32, 0, Sole>) -> u32 {
///     rest.map(|entry| *entry).sum()
/// }
///
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::{list::Node, RcuHlist};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// # let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
/// # for value in (0..3).rev() {
/// #     list.cursor(&mut lock.lock())?.push_front(Node::new(value, GFP_KERNEL)?);
/// # }
/// let guard = rcu::read_lock();
/// let mut walk = list.iter(&guard);
/// assert!(walk.next().is_some_and(|first| *first == 0));
/// assert_eq!(sum(walk), 1 + 2);
/// # Ok::<(), Error>(())
/// ```
pub struct HlistIter<'g, T, const ID: usize, S: Shape> {
    place: Pointer,
    _lives: PhantomData<Entry<'g, T, S>>,
}

impl<T, const ID: usize, S: Shape> HlistIter<'_, T, ID, S> {
    /// Begins at `place`; the caller, who holds the guard for `'g`, establishes the invariants.
    #[inline(always)]
    pub(crate) fn from(place: Pointer) -> Self {
        Self {
            place,
            _lives: PhantomData,
        }
    }
}

impl<'g, T: Send + Sync + 'static, const ID: usize, S: Shape> Iterator for HlistIter<'g, T, ID, S> {
    type Item = Entry<'g, T, S>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let (links, next) = steps::step(self.place)?;
        // INVARIANT: Reached from `place`. A removed entry's `next` still leads into the list.
        self.place = next;
        // SAFETY: By the type invariants an object's, which is alive for `'g`.
        Some(unsafe { Entry::new::<ID>(links.0.as_ptr().cast()) })
    }
}
