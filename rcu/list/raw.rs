// SPDX-License-Identifier: GPL-2.0

//! The list without a domain: what [`RcuList`](crate::RcuList) and
//! [`SrcuList`](crate::list::SrcuList) share.

use super::{
    links::{
        Links,
        Visited, //
    },
    steps::{
        self,
        Follow, //
    },
    Direction, //
};
use crate::{
    cell::LockId,
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
    sync::lock::{
        Backend,
        Guard, //
    },
    types::Opaque, //
};

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
