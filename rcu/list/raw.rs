// SPDX-License-Identifier: GPL-2.0

//! The list without a domain: what [`RcuList`](crate::RcuList) and
//! [`SrcuList`](crate::list::SrcuList) share.

use super::{
    chain::Chain,
    steps::{
        self,
        Follow,
        Link,
        Order,
        Ways, //
    },
};
use crate::{
    cell::LockId,
    domain::sealed::Sealed,
    node::{
        Entry,
        Node,
        Shape, //
    },
    sys,
    WrongLock, //
};
use core::marker::PhantomData;
use kernel::{
    bindings::list_head,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed,
            Release, //
        },
        lock::{
            Backend,
            Guard, //
        },
    },
    types::Opaque, //
};

/// Which ways readers walk a list: [`Forward`] or [`Bidirectional`].
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::{list::{Direction, Sole}, Vanilla};
///
/// /// Counts what a list holds, whichever ways it can be walked.
/// fn count<W: Direction>(list: &RcuList<u32, 0, Sole, Vanilla, W>) -> usize {
///     list.iter(&rcu::read_lock()).count()
/// }
///
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::{list::Node, RcuList};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
/// # for value in 0..3 {
/// #     list.push_back(&mut lock.lock(), Node::new(value, GFP_KERNEL)?)?;
/// # }
/// assert_eq!(count(&list), 3);
/// # Ok::<(), Error>(())
/// ```
pub trait Direction: Sealed + Ways + 'static {
    #[doc(hidden)]
    const BOTH: bool;
}

/// Readers walk the list forward only.
///
/// # Examples
///
/// ```
/// use rcu::{list::{Forward, Sole}, RcuList, Vanilla};
///
/// /// This is `RcuList<u32>`, spelled out.
/// type Jobs = RcuList<u32, 0, Sole, Vanilla, Forward>;
///
/// # use kernel::{new_mutex, prelude::*};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let jobs: Pin<KBox<Jobs>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
/// let jobs: Pin<KBox<RcuList<u32>>> = jobs;
/// # Ok::<(), Error>(())
/// ```
pub struct Forward;

/// Readers walk the list forward and backward.
///
/// # Examples
///
/// ```
/// use rcu::{list::{Bidirectional, Node, Sole}, RcuList, Vanilla};
///
/// /// This is `RcuBidirList<u32>`, spelled out.
/// type Jobs = RcuList<u32, 0, Sole, Vanilla, Bidirectional>;
///
/// # use kernel::{new_mutex, prelude::*};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let jobs: Pin<KBox<Jobs>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
/// jobs.push_back(&mut lock.lock(), Node::new(7, GFP_KERNEL)?)?;
/// assert_eq!(jobs.iter_rev(&rcu::read_lock()).count(), 1);
/// # Ok::<(), Error>(())
/// ```
pub struct Bidirectional;

impl Sealed for Forward {}
impl Direction for Forward {
    const BOTH: bool = false;
}
impl Ways for Forward {
    const PUBLISH_BACK: Order = Order::Private;
}

impl Sealed for Bidirectional {}
impl Direction for Bidirectional {
    const BOTH: bool = true;
}
impl Ways for Bidirectional {
    // `list_add_rcu()` stores it plainly, which on a weakly ordered machine would let a reader who
    // comes backwards see the new entry before its contents.
    const PUBLISH_BACK: Order = Order::Publish;
}

/// The address of links that stay valid as long as this is used.
///
/// # Invariants
///
/// The links are those of a list's head or of a node that is in it, is to come into it, or was in
/// it; nobody writes to them but the holder of the list's lock.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Links(pub(super) *mut list_head);

/// As an updater follows them: nobody else writes.
impl Follow for Links {
    #[inline(always)]
    fn next(self) -> Self {
        // SAFETY: By the type invariants, and the caller is the only one who writes.
        Self(unsafe { (*self.0).next })
    }

    #[inline(always)]
    fn prev(self) -> Self {
        // SAFETY: As in `next`.
        Self(unsafe { (*self.0).prev })
    }
}

impl Link for Links {
    #[inline(always)]
    fn set_next(self, to: Self, order: Order) {
        // SAFETY: By the type invariants.
        unsafe { store(&raw mut (*self.0).next, to.0, order) }
    }

    #[inline(always)]
    fn set_prev(self, to: Self, order: Order) {
        // SAFETY: By the type invariants.
        unsafe { store(&raw mut (*self.0).prev, to.0, order) }
    }
}

/// Links as a reader follows them, while an updater stores.
///
/// # Invariants
///
/// As for [`Links`].
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Visited(pub(super) *mut list_head);

impl Follow for Visited {
    #[inline(always)]
    fn next(self) -> Self {
        // SAFETY: By the type invariants. The address dependency orders what is read through the
        // pointer after it.
        Self(unsafe { Atomic::from_ptr(&raw mut (*self.0).next) }.load(Relaxed))
    }

    #[inline(always)]
    fn prev(self) -> Self {
        // SAFETY: As in `next`.
        Self(unsafe { Atomic::from_ptr(&raw mut (*self.0).prev) }.load(Relaxed))
    }
}

/// Stores `value` in `place`.
///
/// # Safety
///
/// `place` is valid for writes, and nobody else writes to it; if the order is private, nobody else
/// reads it either.
#[inline(always)]
pub(crate) unsafe fn store<T>(place: *mut *mut T, value: *mut T, order: Order) {
    // SAFETY: By the caller.
    unsafe {
        match order {
            Order::Private => place.write(value),
            Order::Publish => Atomic::from_ptr(place).store(value, Release),
        }
    }
}

/// A list of nodes, which it owns, and the lock that it is updated under.
///
/// # Invariants
///
/// `head` begins a ring whose other members are the links number `ID` of objects of which the list
/// owns the node, and whose slot names the list as its owner. The ring changes only under the lock
/// that `lock` names, held exclusively, or through `&mut self`.
#[pin_data(PinnedDrop)]
pub(super) struct RawList<T: Send + Sync + 'static, const ID: usize, S: Shape, W: Direction> {
    #[pin]
    head: Opaque<list_head>,
    lock: LockId,
    _owns: PhantomData<(Node<T, ID, S>, W)>,
}

impl<T: Send + Sync + 'static, const ID: usize, S: Shape, W: Direction> RawList<T, ID, S, W> {
    pub(super) fn new(lock: LockId) -> impl PinInit<Self> {
        pin_init!(Self {
            // INVARIANT: A head that points at itself begins the empty ring.
            head <- Opaque::ffi_init(|head: *mut list_head| {
                let empty = list_head { next: head, prev: head };
                // SAFETY: `head` is valid for writing.
                unsafe { head.write(empty) }
            }),
            lock,
            _owns: PhantomData,
        })
    }

    #[inline(always)]
    pub(super) fn head(&self) -> Links {
        // INVARIANT: The head stays valid as long as the list is borrowed, which all users see to.
        Links(self.head.get())
    }

    /// The head, for a reader.
    #[inline(always)]
    pub(super) fn entrance(&self) -> Visited {
        // INVARIANT: As for `head`.
        Visited(self.head.get())
    }

    /// Whether nothing is in the list at this moment.
    pub(super) fn is_empty(&self) -> bool {
        self.entrance().next() == self.entrance()
    }

    /// What the list is called in the slots of its nodes.
    #[inline(always)]
    pub(super) fn name(&self) -> usize {
        self.head.get().addr()
    }

    #[inline]
    pub(super) fn check<U: ?Sized, B: Backend>(
        &self,
        guard: &Guard<'_, U, B>,
    ) -> Result<(), WrongLock> {
        self.lock.check(guard)
    }

    /// The links of `entry`, if they are in this list, whose lock is held.
    pub(super) fn find(&self, entry: Entry<'_, T, S>) -> Option<Links> {
        // INVARIANT: By the type invariants these links are in this list.
        entry.links_in::<ID>(self.name()).map(Links)
    }

    pub(super) fn push<U: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, U, B>,
        node: Node<T, ID, S>,
        place: impl FnOnce(Links) -> (Links, Links),
    ) -> Result<(), WrongLock<Node<T, ID, S>>> {
        if self.check(guard).is_err() {
            return Err(WrongLock(node));
        }
        let (prev, next) = place(self.head());
        // SAFETY: The lock is held, and the two are neighbours in this list, of this name.
        unsafe { insert::<_, ID, S, W>(self.name(), node, prev, next) };
        Ok(())
    }

    /// Empties the list. `None` if it is empty already.
    pub(super) fn take_all<U: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, U, B>,
    ) -> Result<Option<Chain<T, ID, S>>, WrongLock> {
        self.check(guard)?;
        let head = self.head();
        let first = head.next();
        if first == head {
            return Ok(None);
        }
        let last = head.prev();
        steps::leave_out::<_, W>(head, head);
        // SAFETY: The list's nodes, from the first to the last, are in no list now.
        Ok(Some(unsafe { Chain::of(first, last) }))
    }

    /// Puts a chain, which no reader can reach, into the list.
    pub(super) fn splice<U: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, U, B>,
        chain: Chain<T, ID, S>,
        place: impl FnOnce(Links) -> (Links, Links),
    ) -> Result<(), WrongLock<Chain<T, ID, S>>> {
        if self.check(guard).is_err() {
            return Err(WrongLock(chain));
        }
        let (first, last) = chain.give_to(self.name());
        let (prev, next) = place(self.head());
        // INVARIANT: This is the list's lock, held exclusively; the nodes are the list's from here,
        // and their slots say so.
        steps::splice::<_, W>(first, last, prev, next);
        Ok(())
    }
}

#[pinned_drop]
impl<T: Send + Sync + 'static, const ID: usize, S: Shape, W: Direction> PinnedDrop
    for RawList<T, ID, S, W>
{
    fn drop(self: Pin<&mut Self>) {
        let head = self.head();
        let mut links = head.next();
        while links != head {
            let next = links.next();
            // SAFETY: By the type invariants the list owns the node. Readers borrow the list, so
            // there are none: the node is dropped without a grace period.
            drop(unsafe { Node::<T, ID, S>::from_links(links.0) });
            links = next;
        }
    }
}

/// Puts `node` between its new neighbours in the list that is called `owner`.
///
/// Where the kernel checks its lists (`CONFIG_LIST_HARDENED`) and finds this one damaged, it says
/// so, and the node is lost.
///
/// # Safety
///
/// The two are neighbours in that list, whose lock is held.
#[inline(always)]
pub(super) unsafe fn insert<T, const ID: usize, S: Shape, W: Direction>(
    owner: usize,
    node: Node<T, ID, S>,
    prev: Links,
    next: Links,
) where
    T: Send + Sync + 'static,
{
    let suspicious = cfg!(CONFIG_LIST_HARDENED)
        && (cfg!(CONFIG_DEBUG_LIST) || prev.next() != next || next.prev() != prev);
    // INVARIANT: The links are the list's from here, and only its lock's holder writes to them.
    let new = Links(node.into_links(owner));
    // SAFETY: All are links; if the two are no neighbours, the kernel says so.
    if suspicious && !unsafe { sys::rculab_list_add_valid(new.0, prev.0, next.0) } {
        return;
    }
    steps::insert::<_, W>(new, prev, next);
}

/// Puts `node` in the place of the node that `old` are in, which readers may still stand on.
///
/// # Safety
///
/// The old links are in the list that is called `owner`, whose lock is held.
#[inline(always)]
pub(super) unsafe fn replace<T, const ID: usize, S: Shape, W: Direction>(
    owner: usize,
    node: Node<T, ID, S>,
    old: Links,
) -> (Links, Node<T, ID, S>)
where
    T: Send + Sync + 'static,
{
    // INVARIANT: As in `insert`.
    let new = Links(node.into_links(owner));
    steps::insert::<_, W>(new, old.prev(), old.next());
    // SAFETY: The list, which owned the old node, has it no more.
    (new, unsafe { Node::from_links(old.0) })
}

/// Takes the node out that `links` are in. Readers may still stand on it.
///
/// Where the kernel checks its lists (`CONFIG_LIST_HARDENED`) and finds this one damaged, it says
/// so, and nothing is taken out.
///
/// # Safety
///
/// The links are in a list of nodes like this, whose lock is held.
#[inline(always)]
pub(super) unsafe fn remove<T, const ID: usize, S: Shape, W: Direction>(
    links: Links,
) -> Option<Node<T, ID, S>>
where
    T: Send + Sync + 'static,
{
    let (prev, next) = (links.prev(), links.next());
    if cfg!(CONFIG_LIST_HARDENED)
        && (cfg!(CONFIG_DEBUG_LIST) || prev.next() != links || next.prev() != links)
        // SAFETY: The links are a list's; if their neighbours are not, the kernel says so.
        && !unsafe { sys::rculab_list_del_valid(links.0) }
    {
        return None;
    }
    steps::leave_out::<_, W>(prev, next);
    // SAFETY: The list, which owned the node, has it no more.
    Some(unsafe { Node::from_links(links.0) })
}

/// The neighbours between which what is to be first goes.
#[inline(always)]
pub(super) fn front(head: Links) -> (Links, Links) {
    (head, head.next())
}

/// The neighbours between which what is to be last goes.
#[inline(always)]
pub(super) fn back(head: Links) -> (Links, Links) {
    (head.prev(), head)
}
