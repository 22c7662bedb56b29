// SPDX-License-Identifier: GPL-2.0

//! What lies where in the allocation of an object.

use super::Shape;
use core::{
    mem::offset_of,
    ptr::NonNull, //
};
use kernel::{
    bindings,
    sync::atomic::Atomic, //
};

/// The allocation behind a [`Node`].
///
/// The slots come first: the kernel frees the allocation by the `rcu_head` at its start.
#[repr(C)]
pub(crate) struct Inner<T, S: Shape> {
    pub(super) slots: S::Slots,
    pub(super) shares: S::Shares,
    pub(super) value: T,
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
    pub(super) const fn new() -> Self {
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

// What follows computes addresses only; who uses one proves that it is what it says.

/// The object in whose slot number `ID` `links` are.
#[inline(always)]
pub(super) fn inner_at<T, const ID: usize, S: Shape>(
    links: *mut bindings::list_head,
) -> *mut Inner<T, S> {
    head_of(links).cast::<Slot>().wrapping_sub(ID).cast()
}

/// The links number `ID` of the object whose value is at `value`.
#[inline(always)]
pub(crate) fn links_of<T, const ID: usize, S: Shape>(
    value: NonNull<T>,
) -> *mut bindings::list_head {
    value
        .as_ptr()
        .wrapping_byte_sub(const { value_offset::<T, ID, S>() })
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

/// How many bytes the value of an object is behind its links number `ID`.
pub(super) const fn value_offset<T, const ID: usize, S: Shape>() -> usize {
    offset_of!(Inner<T, S>, value) - ID * size_of::<Slot>() - offset_of!(Slot, links)
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
    // SAFETY: By the caller the value is in the same object, so far behind the links. (Unlike a
    // wrapping sum, this tells the compiler that it is not null.)
    unsafe { links.byte_add(const { value_offset::<T, ID, S>() }) }.cast()
}
