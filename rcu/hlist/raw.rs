// SPDX-License-Identifier: GPL-2.0

//! The hlist without a lock: what [`RcuHlist`](crate::RcuHlist) and
//! [`RcuHashTable`](crate::RcuHashTable) share.

use super::{
    steps::{
        self,
        Link,
        Place,
        Visit, //
    },
    Order,
};
use crate::{
    list::store,
    node::{
        Entry,
        Node,
        Shape, //
    }, //
};
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};
use kernel::{
    bindings::{
        hlist_head,
        hlist_node,
        list_head, //
    },
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
    types::Opaque, //
};

/// The address of links that stay valid as long as this is used.
///
/// # Invariants
///
/// The links are those of a node that is in an hlist, is to come into it, or was in it; nobody
/// writes to them but the holder of the hlist's lock.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Links(pub(super) NonNull<hlist_node>);

/// The address of a pointer to links, which stays valid as long as this is used.
///
/// # Invariants
///
/// It is an hlist's head's `first`, or the `next` of [`Links`]; nobody writes to it but the holder
/// of the hlist's lock.
#[derive(Clone, Copy)]
pub(crate) struct Pointer(*mut *mut hlist_node);

/// As a reader follows it.
impl Visit for Pointer {
    type Links = Links;

    #[inline(always)]
    fn follow(self) -> Option<Links> {
        // SAFETY: By the type invariants. Updaters store meanwhile, so the load is atomic; the
        // address dependency orders what is read through the pointer after it.
        let links = unsafe { Atomic::from_ptr(self.0) }.load(Relaxed);
        // INVARIANT: A place points to links of the same hlist.
        NonNull::new(links).map(Links)
    }

    #[inline(always)]
    fn next_place(links: Links) -> Self {
        Link::next_place(links)
    }
}

impl Place for Pointer {
    type Link = Links;

    #[inline(always)]
    fn load(self) -> Option<Links> {
        // INVARIANT: A place points to links of the same hlist.
        //
        // SAFETY: By the type invariants, and the caller is the only one who writes.
        NonNull::new(unsafe { *self.0 }).map(Links)
    }

    #[inline(always)]
    fn store(self, to: Option<Links>, order: Order) {
        let to = to.map_or(core::ptr::null_mut(), |links| links.0.as_ptr());
        // SAFETY: By the type invariants.
        unsafe { store(self.0, to, order) }
    }
}

impl Link for Links {
    type Place = Pointer;

    #[inline(always)]
    fn next_place(self) -> Pointer {
        // INVARIANT, SAFETY: By the type invariants.
        Pointer(unsafe { &raw mut (*self.0.as_ptr()).next })
    }

    #[inline(always)]
    fn place(self) -> Pointer {
        // INVARIANT, SAFETY: By the type invariants; the updater is who asks.
        Pointer(unsafe { (*self.0.as_ptr()).pprev })
    }

    #[inline(always)]
    fn set_place(self, place: Pointer) {
        // SAFETY: By the type invariants; readers do not look here.
        unsafe { (*self.0.as_ptr()).pprev = place.0 }
    }
}

/// An hlist of nodes, which it owns.
///
/// # Invariants
///
/// The links that can be reached from `head` are those number `ID` of objects of which the hlist
/// owns the node, and whose slot names it as its owner. They change only as its user's lock allows,
/// or through `&mut self`.
pub(crate) struct RawHlist<T: Send + Sync + 'static, const ID: usize, S: Shape> {
    head: Opaque<hlist_head>,
    _owns: PhantomData<Node<T, ID, S>>,
}

impl<T: Send + Sync + 'static, const ID: usize, S: Shape> RawHlist<T, ID, S> {
    /// An empty hlist. It must not move once there is something in it.
    pub(crate) const fn new() -> Self {
        // INVARIANT: Nothing can be reached.
        Self {
            head: Opaque::new(hlist_head {
                first: core::ptr::null_mut(),
            }),
            _owns: PhantomData,
        }
    }

    /// The place of what is first.
    #[inline(always)]
    pub(crate) fn first(&self) -> Pointer {
        // INVARIANT: The head stays valid as long as the hlist is borrowed, which all users see to.
        //
        // SAFETY: The head is ours.
        Pointer(unsafe { &raw mut (*self.head.get()).first })
    }

    /// What the hlist is called in the slots of its nodes.
    #[inline(always)]
    pub(crate) fn name(&self) -> usize {
        self.head.get().addr()
    }

    /// The links of `entry`, if they are in this hlist, whose lock is held.
    pub(crate) fn find(&self, entry: Entry<'_, T, S>) -> Option<Links> {
        let links = entry.links_in::<ID>(self.name())?;
        // INVARIANT: By the type invariants these links are in this hlist.
        NonNull::new(links.cast()).map(Links)
    }

    /// Puts `node` at `place`.
    ///
    /// # Safety
    ///
    /// The place is in this hlist, whose lock is held.
    #[inline(always)]
    pub(crate) unsafe fn insert(&self, node: Node<T, ID, S>, place: Pointer) {
        steps::insert(links_of(node, self.name()), place);
    }

    /// Puts `node` in the place of `old`.
    ///
    /// # Safety
    ///
    /// The old links are in this hlist, whose lock is held.
    #[inline(always)]
    pub(crate) unsafe fn replace(&self, old: Links, node: Node<T, ID, S>) -> Node<T, ID, S> {
        steps::replace(old, links_of(node, self.name()));
        // SAFETY: The hlist, which owned the old node, has it no more.
        unsafe { node_of(old) }
    }

    /// Takes the node out that `old` are in.
    ///
    /// # Safety
    ///
    /// The links are in this hlist, whose lock is held.
    #[inline(always)]
    pub(crate) unsafe fn remove(&self, old: Links) -> Node<T, ID, S> {
        steps::remove(old);
        // SAFETY: The hlist, which owned the node, has it no more.
        unsafe { node_of(old) }
    }
}

impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Drop for RawHlist<T, ID, S> {
    fn drop(&mut self) {
        let mut next = self.first().load();
        while let Some(links) = next {
            next = links.next_place().load();
            // SAFETY: By the type invariants the hlist owns the node. Readers borrow it, so there
            // are none: the node is dropped without a grace period.
            drop(unsafe { node_of::<T, ID, S>(links) });
        }
    }
}

/// Gives `node` up to the hlist that is called `owner`.
#[inline(always)]
fn links_of<T: Send + Sync + 'static, const ID: usize, S: Shape>(
    node: Node<T, ID, S>,
    owner: usize,
) -> Links {
    // INVARIANT: The links are the hlist's from here.
    //
    // SAFETY: The links of a node are not null.
    Links(unsafe { NonNull::new_unchecked(node.into_links(owner).cast()) })
}

/// Takes the node back that `links` are in.
///
/// # Safety
///
/// As for [`Node::from_links`].
#[inline(always)]
unsafe fn node_of<T: Send + Sync + 'static, const ID: usize, S: Shape>(
    links: Links,
) -> Node<T, ID, S> {
    // SAFETY: By the caller.
    unsafe { Node::from_links(links.0.as_ptr().cast::<list_head>()) }
}
