// SPDX-License-Identifier: GPL-2.0

//! What lists hold: objects with links inside.

use crate::{
    domain::sealed::Sealed,
    reclaim,
    Domain,
    Pointer, //
};
use core::{
    marker::PhantomData,
    mem::{
        needs_drop,
        offset_of, //
    },
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
    bindings,
    sync::atomic::{
        Atomic,
        Full,
        Relaxed, //
    },
};

/// How many links an object has: [`Sole`] or [`Shared`].
///
/// # Examples
///
/// ```
/// use rcu::list::{Shape, Shared, Sole};
///
/// assert_eq!((Sole::LINKS, Shared::<3>::LINKS), (1, 3));
/// ```
pub trait Shape: Sealed + 'static {
    /// The number of links.
    const LINKS: usize;
    /// An array of so many [`Slot`]s.
    #[doc(hidden)]
    type Slots;
    /// Counts who shares the object.
    #[doc(hidden)]
    type Shares;
    #[doc(hidden)]
    fn slots() -> Self::Slots;
    #[doc(hidden)]
    fn shares() -> Self::Shares;
    /// Gives a share up, and returns whether it was the last one.
    #[doc(hidden)]
    fn release(shares: &Self::Shares) -> bool;
}

/// The shape of an object with one link: in one list at a time, which owns it.
///
/// # Examples
///
/// ```
/// use rcu::list::{Node, Sole};
///
/// // Two words for the list, and two for reclaiming.
/// assert_eq!(Node::<u64, 0, Sole>::OVERHEAD, 4 * size_of::<usize>());
/// ```
pub struct Sole;

/// The shape of an object with `N` links: in up to `N` lists at a time, which share it.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*};
/// use rcu::{list::{Node, Shared}, RcuList};
///
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let by_age: Pin<KBox<RcuList<u32, 0, Shared<2>>>> =
///     KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
/// let by_use: Pin<KBox<RcuList<u32, 1, Shared<2>>>> =
///     KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
///
/// let (one, other) = Node::pair(7, GFP_KERNEL)?;
/// let mut guard = lock.lock();
/// by_age.push_back(&mut guard, one)?;
/// by_use.push_front(&mut guard, other)?;
///
/// // Found in one list, removed from the other.
/// let reader = rcu::read_lock();
/// let found = by_age.iter(&reader).next().ok_or(ENOENT)?;
/// by_use.cursor_at(&mut guard, found)?.remove().ok_or(ENOENT)?.call_rcu();
/// assert!(by_use.is_empty() && !by_age.is_empty());
/// # Ok::<(), Error>(())
/// ```
pub struct Shared<const N: usize>;

impl Sealed for Sole {}
impl Shape for Sole {
    const LINKS: usize = 1;
    type Slots = [Slot; 1];
    type Shares = ();

    fn slots() -> Self::Slots {
        [Slot::new()]
    }

    fn shares() -> Self::Shares {}

    #[inline(always)]
    fn release((): &Self::Shares) -> bool {
        true
    }
}

impl<const N: usize> Sealed for Shared<N> {}
impl<const N: usize> Shape for Shared<N> {
    const LINKS: usize = N;
    type Slots = [Slot; N];
    type Shares = Atomic<usize>;

    fn slots() -> Self::Slots {
        [const { Slot::new() }; N]
    }

    fn shares() -> Self::Shares {
        Atomic::new(N)
    }

    #[inline]
    fn release(shares: &Self::Shares) -> bool {
        // The last one drops the object, after what all others did with it.
        shares.fetch_sub(1, Full) == 1
    }
}

/// One link of an object: what RCU needs to reclaim it, and what a list needs to hold it.
#[doc(hidden)]
#[repr(C)]
pub struct Slot {
    /// The first word of the `rcu_head`.
    queue: *mut bindings::callback_head,
    /// The second word of the `rcu_head`: a function's address while the link waits to be
    /// reclaimed. Before that, the address of the list that holds the link, if one does.
    owner: Atomic<usize>,
    /// A `list_head` or an `hlist_node`.
    links: bindings::list_head,
}

const _: () = assert!(
    size_of::<bindings::callback_head>() == offset_of!(Slot, links)
        && size_of::<bindings::hlist_node>() == size_of::<bindings::list_head>()
);

impl Slot {
    const fn new() -> Self {
        Self {
            queue: core::ptr::null_mut(),
            owner: Atomic::new(0),
            links: bindings::list_head {
                next: core::ptr::null_mut(),
                prev: core::ptr::null_mut(),
            },
        }
    }
}

/// Who owns the link that `links` are of.
///
/// # Safety
///
/// `links` are in a slot, which stays there for `'a`.
#[inline(always)]
pub(crate) unsafe fn owner_at<'a>(links: *mut bindings::list_head) -> &'a Atomic<usize> {
    let slot = links
        .wrapping_byte_sub(offset_of!(Slot, links))
        .cast::<Slot>();
    // SAFETY: By the caller.
    unsafe { &(*slot).owner }
}

/// The allocation behind a [`Node`].
///
/// The slots come first: the kernel frees the allocation by the `rcu_head` at its start.
#[repr(C)]
pub(crate) struct Inner<T, S: Shape> {
    slots: S::Slots,
    shares: S::Shares,
    value: T,
}

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
/// `value` points at the `value` of an `Inner<T, S>` made by a `KBox`, of which this node has a
/// share, and of whose slots it has number `ID` to itself. `ID` is below `S::LINKS`.
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
    value: NonNull<T>,
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
        Ok(Self::at(allocate::<T, Sole>(value, flags)?))
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
        Ok((Node::at(value), Node::at(value)))
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
        Ok((Node::at(value), Node::at(value), Node::at(value)))
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
        let inner = inner_of::<T, Sole>(self.into_raw());
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

    /// Makes a node; the caller establishes its invariants.
    #[inline]
    fn at(value: NonNull<T>) -> Self {
        const { assert!(ID < S::LINKS, "the object has no link of this number") };
        Self {
            value,
            _shares: PhantomData,
        }
    }

    /// Gives the node up to the list that is called `owner`.
    ///
    /// C stores no owner: it is one instruction more, and makes a removal from the wrong list an
    /// error instead of damage.
    #[inline(always)]
    pub(crate) fn into_links(self, owner: usize) -> *mut bindings::list_head {
        let links = links_of::<T, ID, S>(self.into_raw());
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
    pub(crate) unsafe fn from_links(links: *mut bindings::list_head) -> Self {
        // SAFETY: By the caller the links are a node's.
        unsafe { owner_at(links) }.store(0, Relaxed);
        // INVARIANT: This is the node that was given up.
        //
        // SAFETY: As above.
        Self::at(unsafe { NonNull::new_unchecked(value_of::<T, ID, S>(links)) })
    }
}

impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Deref for Node<T, ID, S> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: By the type invariants `value` is alive; whoever shares it reads it only.
        unsafe { self.value.as_ref() }
    }
}

impl<T: Send + Sync + 'static> DerefMut for Node<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: By the type invariants `value` is alive, and this is the only share.
        unsafe { self.value.as_mut() }
    }
}

impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Drop for Node<T, ID, S> {
    fn drop(&mut self) {
        let inner = inner_of::<T, S>(self.value);
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

    #[inline(always)]
    fn into_raw(self) -> NonNull<T> {
        let value = self.value;
        core::mem::forget(self);
        value
    }

    #[inline]
    unsafe fn from_raw(value: NonNull<T>) -> Self {
        // INVARIANT: By the caller this is a node that was given up.
        Self::at(value)
    }

    fn defer<D: Domain>(self, domain: D) {
        let head = slot_of::<T, ID, S>(self.into_raw()).cast();
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
    head: *mut bindings::callback_head,
) {
    let inner = inner_at::<T, ID, S>(head.cast());
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
unsafe fn drop_inner<T, const ID: usize, S: Shape>(head: *mut bindings::callback_head) {
    // SAFETY: By the caller.
    drop(unsafe { KBox::from_raw(inner_at::<T, ID, S>(head.cast())) });
}

// What follows computes addresses only; who uses one proves that it is what it says.

/// The object whose value is at `value`.
#[inline(always)]
fn inner_of<T, S: Shape>(value: NonNull<T>) -> *mut Inner<T, S> {
    value
        .as_ptr()
        .wrapping_byte_sub(offset_of!(Inner<T, S>, value))
        .cast()
}

/// The object whose slot number `ID` is at `slot`.
#[inline(always)]
fn inner_at<T, const ID: usize, S: Shape>(slot: *mut Slot) -> *mut Inner<T, S> {
    slot.wrapping_sub(ID).cast()
}

/// The slot number `ID` of the object whose value is at `value`.
#[inline(always)]
fn slot_of<T, const ID: usize, S: Shape>(value: NonNull<T>) -> *mut Slot {
    inner_of::<T, S>(value).cast::<Slot>().wrapping_add(ID)
}

/// The links number `ID` of the object whose value is at `value`.
#[inline(always)]
pub(crate) fn links_of<T, const ID: usize, S: Shape>(
    value: NonNull<T>,
) -> *mut bindings::list_head {
    slot_of::<T, ID, S>(value)
        .wrapping_byte_add(offset_of!(Slot, links))
        .cast()
}

/// The `rcu_head` of the slot that `links` are in.
#[inline(always)]
pub(crate) fn head_of(links: *mut bindings::list_head) -> *mut bindings::callback_head {
    links.wrapping_byte_sub(offset_of!(Slot, links)).cast()
}

/// The links of the slot that begins with `head`.
#[inline(always)]
pub(crate) fn links_behind(head: *mut bindings::callback_head) -> *mut bindings::list_head {
    head.wrapping_byte_add(offset_of!(Slot, links)).cast()
}

/// The value of the object in whose slot number `ID` `links` are.
///
/// # Safety
///
/// They are in the slot of an `Inner<T, S>`.
#[inline(always)]
pub(crate) unsafe fn value_of<T, const ID: usize, S: Shape>(
    links: *mut bindings::list_head,
) -> *mut T {
    let distance =
        const { offset_of!(Inner<T, S>, value) - ID * size_of::<Slot>() - offset_of!(Slot, links) };
    // SAFETY: By the caller the value is in the same object, so far behind the links. (Unlike a
    // wrapping sum, this tells the compiler that it is not null.)
    unsafe { links.byte_add(distance) }.cast()
}

/// An object in a list, as a reader or the updater sees it.
///
/// It can be asked for in any list that may hold the object: see
/// [`RcuList::cursor_at`](crate::RcuList::cursor_at).
///
/// # Invariants
///
/// `value` is in an `Inner<T, S>`.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::{list::Node, RcuList};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
/// use rcu::list::Entry;
///
/// /// Looks for `value` among what a reader sees.
/// fn find<'g>(mut entries: impl Iterator<Item = Entry<'g, u32>>, value: u32) -> bool {
///     entries.any(|entry| *entry == value)
/// }
///
/// # for value in 0..3 {
/// #     list.push_back(&mut lock.lock(), Node::new(value, GFP_KERNEL)?)?;
/// # }
/// assert!(find(list.iter(&rcu::read_lock()), 1));
/// # Ok::<(), Error>(())
/// ```
pub struct Entry<'g, T, S: Shape = Sole> {
    value: &'g T,
    _shape: PhantomData<S>,
}

impl<'g, T: Send + Sync + 'static, S: Shape> Entry<'g, T, S> {
    /// The object whose links number `ID` are `links`.
    ///
    /// # Safety
    ///
    /// `links` are in slot `ID` of an `Inner<T, S>` that stays alive for `'g`.
    #[inline(always)]
    pub(crate) unsafe fn new<const ID: usize>(links: *mut bindings::list_head) -> Self {
        // INVARIANT: By the caller.
        Self {
            // SAFETY: By the caller.
            value: unsafe { &*value_of::<T, ID, S>(links) },
            _shape: PhantomData,
        }
    }

    /// The value, for as long as the guard lasts.
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
    /// // Lives as long as the guard, not as the entry.
    /// let first: &u32 = list.iter(&guard).next().ok_or(ENOENT)?.get();
    /// assert_eq!(*first, 0);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn get(self) -> &'g T {
        self.value
    }

    /// The links number `ID`, if the list that is called `owner` holds them.
    ///
    /// Only under that list's lock can the answer be yes, and stays so while the lock is held.
    #[inline]
    pub(crate) fn links_in<const ID: usize>(
        self,
        owner: usize,
    ) -> Option<*mut bindings::list_head> {
        const { assert!(ID < S::LINKS, "the object has no link of this number") };
        let links = links_of::<T, ID, S>(NonNull::from(self.value));
        // SAFETY: By the type invariants the slot is there. When the link waits to be reclaimed,
        // the kernel writes the word, as a whole, and never the address of a list.
        (unsafe { owner_at(links) }.load(Relaxed) == owner).then_some(links)
    }
}

impl<T, S: Shape> Clone for Entry<'_, T, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, S: Shape> Copy for Entry<'_, T, S> {}

impl<T, S: Shape> Deref for Entry<'_, T, S> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.value
    }
}
