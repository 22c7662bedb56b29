// SPDX-License-Identifier: GPL-2.0

//! The links between entries, as updaters and readers follow them.

use super::steps::{
    Follow,
    Link,
    Order, //
};
use kernel::{
    bindings::list_head,
    sync::atomic::{
        Atomic,
        Relaxed,
        Release, //
    },
};

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
