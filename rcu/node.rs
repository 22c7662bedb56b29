// SPDX-License-Identifier: GPL-2.0

//! What lists hold: objects with links inside.

mod entry;
mod layout;
mod shape;

pub use self::{
    entry::Entry,
    shape::{
        Shape,
        Shared,
        Sole, //
    },
};

pub(crate) use self::layout::{
    head_of,
    links_behind,
    links_of,
    owner_at,
    value_of, //
};

use self::layout::{
    inner_at,
    value_offset,
    Inner, //
};
use crate::{
    domain::sealed::Sealed,
    reclaim,
    Domain,
    Pointer, //
};
use core::{
    marker::PhantomData,
    mem::needs_drop,
    ops::{
        Deref,
        DerefMut, //
    },
    ptr::NonNull, //
};
use kernel::{
    alloc::{
        AllocError,
        Flags,
        KBox, //
    },
    bindings::{
        callback_head,
        list_head, //
    },
    sync::atomic::Relaxed, //
};

/// The right to put an object into a list by its link number `ID`, with a share of the object.
///
/// A list that takes a node owns it, and gives it back, after a grace period, by way of
/// [`Retired`](crate::Retired). So there is no way to put a link into two lists, or into another
/// one too early, while a reader may still follow it.
///
/// An object with one link ([`Sole`]) costs four words beside its value: as in C, a `list_head` and
/// an `rcu_head`. Each further link costs as much, and sharing the object a word for the count.
///
/// # Invariants
///
/// `links` are those in slot number `ID` of an `Inner<T, S>` made by a `KBox`, of which this node
/// has a share, and that slot to itself. `ID` is below `S::LINKS`.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::list::Node;
/// let mut node: Node<u32> = Node::new(1, GFP_KERNEL)?;
/// *node += 1;
/// assert_eq!(node.into_inner(), 2);
///
/// // An object that two lists can hold at the same time.
/// let (one, other) = Node::pair(3, GFP_KERNEL)?;
/// assert_eq!((*one, *other), (3, 3));
/// # Ok::<(), Error>(())
/// ```
pub struct Node<T: Send + Sync + 'static, const ID: usize = 0, S: Shape = Sole> {
    // What a list works with, so that to insert a node is to compute no address.
    links: NonNull<list_head>,
    _shares: PhantomData<Inner<T, S>>,
}

/// Makes an object, and returns where its value is.
fn allocate<T, S: Shape>(value: T, flags: Flags) -> Result<NonNull<T>, AllocError> {
    let inner = Inner::<T, S> {
        slots: S::slots(),
        shares: S::shares(),
        value,
    };
    let inner = KBox::into_raw(KBox::new(inner, flags)?);
    // SAFETY: A place in a live allocation, and so not null.
    Ok(unsafe { NonNull::new_unchecked(&raw mut (*inner).value) })
}

impl<T: Send + Sync + 'static> Node<T> {
    /// Makes an object with one link. The context that `flags` allow.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// use rcu::list::Node;
    ///
    /// let mut node = Node::new([1, 2], GFP_KERNEL)?;
    /// // It is in no list yet, and so nobody else sees it.
    /// node[1] = 3;
    /// assert_eq!(*node, [1, 3]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(value: T, flags: Flags) -> Result<Self, AllocError> {
        // INVARIANT: A new object, its only share, its only slot.
        Ok(Self::of(allocate::<T, Sole>(value, flags)?))
    }

    /// Makes an object with two links. The context that `flags` allow.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// use rcu::list::Node;
    ///
    /// let (one, other) = Node::pair(7, GFP_KERNEL)?;
    /// drop(one);
    /// // The object lasts as long as one of them.
    /// assert_eq!(*other, 7);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn pair(value: T, flags: Flags) -> Result<Pair<T>, AllocError> {
        let value = allocate::<T, Shared<2>>(value, flags)?;
        // INVARIANT: A new object; for each of its two shares one of its slots.
        Ok((Node::of(value), Node::of(value)))
    }

    /// Makes an object with three links. The context that `flags` allow.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// use rcu::list::Node;
    ///
    /// let (by_name, by_age, by_use) = Node::triple(7, GFP_KERNEL)?;
    /// assert_eq!((*by_name, *by_age, *by_use), (7, 7, 7));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn triple(value: T, flags: Flags) -> Result<Triple<T>, AllocError> {
        let value = allocate::<T, Shared<3>>(value, flags)?;
        // INVARIANT: A new object; for each of its three shares one of its slots.
        Ok((Node::of(value), Node::of(value), Node::of(value)))
    }

    /// Takes the value out. Any context that `kfree()` may be called from.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// use rcu::list::Node;
    ///
    /// let node = Node::new(7, GFP_KERNEL)?;
    /// assert_eq!(node.into_inner(), 7);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn into_inner(self) -> T {
        let inner = inner_at::<T, 0, Sole>(self.into_raw().as_ptr());
        // SAFETY: By the type invariants of the node that was just given up, which had the only
        // share.
        KBox::into_inner(unsafe { KBox::from_raw(inner) }).value
    }
}

/// The two links of an object.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::list::{Node, Pair};
///
/// let (one, other): Pair<u32> = Node::pair(7, GFP_KERNEL)?;
/// assert_eq!(*one, *other);
/// # Ok::<(), Error>(())
/// ```
pub type Pair<T> = (Node<T, 0, Shared<2>>, Node<T, 1, Shared<2>>);

/// The three links of an object.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::list::{Node, Triple};
///
/// let (one, other, third): Triple<u32> = Node::triple(7, GFP_KERNEL)?;
/// assert!(*one == *other && *other == *third);
/// # Ok::<(), Error>(())
/// ```
pub type Triple<T> = (
    Node<T, 0, Shared<3>>,
    Node<T, 1, Shared<3>>,
    Node<T, 2, Shared<3>>,
);

impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Node<T, ID, S> {
    /// How many bytes an object takes beside its value.
    pub const OVERHEAD: usize = size_of::<Inner<T, S>>() - size_of::<T>();

    /// Makes a node of the object whose value is at `value`; the caller establishes its invariants.
    #[inline]
    fn of(value: NonNull<T>) -> Self {
        // SAFETY: The links of an object are not at null.
        Self::at(unsafe { NonNull::new_unchecked(links_of::<T, ID, S>(value)) })
    }

    /// Makes a node; the caller establishes its invariants.
    #[inline]
    fn at(links: NonNull<list_head>) -> Self {
        const { assert!(ID < S::LINKS, "the object has no link of this number") };
        Self {
            links,
            _shares: PhantomData,
        }
    }

    /// Gives the node up to the list that is called `owner`.
    ///
    /// C stores no owner: it is one instruction more, and makes a removal from the wrong list an
    /// error instead of damage.
    #[inline(always)]
    pub(crate) fn into_links(self, owner: usize) -> *mut list_head {
        let links = self.into_raw().as_ptr();
        // SAFETY: By the type invariants of the node, the slot is there.
        unsafe { owner_at(links) }.store(owner, Relaxed);
        links
    }

    /// Takes the node back from its list: the link has no owner any more.
    ///
    /// # Safety
    ///
    /// `links` come from [`Node::into_links`] and belong to the caller.
    #[inline(always)]
    pub(crate) unsafe fn from_links(links: *mut list_head) -> Self {
        // SAFETY: By the caller the links are a node's.
        unsafe { owner_at(links) }.store(0, Relaxed);
        // INVARIANT: This is the node that was given up.
        //
        // SAFETY: As above.
        Self::at(unsafe { NonNull::new_unchecked(links) })
    }
}

impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Deref for Node<T, ID, S> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: By the type invariants the value is alive; whoever shares it reads it only.
        unsafe { &*value_of::<T, ID, S>(self.links.as_ptr()) }
    }
}

impl<T: Send + Sync + 'static> DerefMut for Node<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: By the type invariants the value is alive, and this is the only share.
        unsafe { &mut *value_of::<T, 0, Sole>(self.links.as_ptr()) }
    }
}

impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Drop for Node<T, ID, S> {
    fn drop(&mut self) {
        let inner = inner_at::<T, ID, S>(self.links.as_ptr());
        // SAFETY: By the type invariants the share is ours; with the last one the object is.
        unsafe {
            if S::release(&(*inner).shares) {
                drop(KBox::from_raw(inner));
            }
        }
    }
}

// SAFETY: The node shares a `T`, which is `Send` and `Sync`, and may be the one to drop it.
unsafe impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Send for Node<T, ID, S> {}
// SAFETY: `&Node` gives out `&T` only, and `T` is `Sync`.
unsafe impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Sync for Node<T, ID, S> {}

impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Sealed for Node<T, ID, S> {}

// SAFETY: The node keeps its target alive, which stays where it is when the node moves.
unsafe impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Pointer for Node<T, ID, S> {
    type Target = T;
    type Raw = list_head;
    const OFFSET: usize = value_offset::<T, ID, S>();

    #[inline(always)]
    fn into_raw(self) -> NonNull<list_head> {
        let links = self.links;
        core::mem::forget(self);
        links
    }

    #[inline]
    unsafe fn from_raw(links: NonNull<list_head>) -> Self {
        // INVARIANT: By the caller this is a node that was given up.
        Self::at(links)
    }

    fn defer<D: Domain>(self, domain: D) {
        let head = head_of(self.into_raw().as_ptr());
        if S::LINKS == 1 && !needs_drop::<T>() {
            // SAFETY: The slot is at the start of the allocation, which came from `kmalloc()` and
            // is nobody else's, and whose value needs no drop.
            unsafe { domain.free(head) };
        } else {
            reclaim::queued();
            // SAFETY: The slot is ours until the callback, which fits it.
            unsafe { domain.call(head, release::<T, ID, S>) };
        }
    }
}

/// The callback that gives up a share, and with the last one leaves the object to the worker.
///
/// # Safety
///
/// `head` is in slot `ID` of an object of which the caller gives up a share.
unsafe extern "C" fn release<T: Send + Sync + 'static, const ID: usize, S: Shape>(
    head: *mut callback_head,
) {
    let inner = inner_at::<T, ID, S>(links_behind(head));
    // SAFETY: By the caller the share is ours.
    if !unsafe { S::release(&(*inner).shares) } {
        reclaim::completed();
    } else if needs_drop::<T>() {
        // SAFETY: The object is ours, and any task may drop it.
        unsafe { reclaim::queue(head, drop_inner::<T, ID, S>) };
    } else {
        // SAFETY: The object is ours.
        drop(unsafe { KBox::from_raw(inner) });
        reclaim::completed();
    }
}

/// Drops the object in whose slot `ID` `head` is.
///
/// # Safety
///
/// The object is the caller's.
unsafe fn drop_inner<T, const ID: usize, S: Shape>(head: *mut callback_head) {
    // SAFETY: By the caller.
    drop(unsafe { KBox::from_raw(inner_at::<T, ID, S>(links_behind(head))) });
}
