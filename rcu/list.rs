// SPDX-License-Identifier: GPL-2.0

//! A list that readers walk without a lock.
//!
//! C header: [`include/linux/rculist.h`](srctree/include/linux/rculist.h)

use crate::{
    cell::LockId,
    sys,
    DropInSoftirq,
    Global,
    Pointer,
    RcuBox,
    Reader,
    Retired,
    Vanilla,
    WrongLock, //
};
use core::{
    marker::PhantomData,
    ops::Deref,
    ptr::NonNull, //
};
use kernel::{
    alloc::{
        AllocError,
        Flags, //
    },
    bindings,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        lock::{
            Backend,
            Guard,
            Lock, //
        },
    },
    types::Opaque, //
};

/// A value with the links that hold it in an [`RcuList`].
///
/// A node in an `RcuBox` is in no list. Being put into one gives it away, and it comes back only
/// after a grace period: a reader may be standing on a removed node, and follows its links.
pub struct Node<T> {
    links: Opaque<bindings::list_head>,
    value: T,
}

impl<T: Send + Sync + 'static> Node<T> {
    /// Allocates a node. The context that `flags` allow.
    pub fn new(value: T, flags: Flags) -> Result<RcuBox<Self>, AllocError> {
        RcuBox::new(
            Self {
                links: Opaque::uninit(),
                value,
            },
            flags,
        )
    }

    /// Takes the value out.
    pub fn into_value(self) -> T {
        self.value
    }
}

// SAFETY: Dropping a node is dropping its value.
unsafe impl<T: DropInSoftirq> DropInSoftirq for Node<T> {}

impl<T> Deref for Node<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

// SAFETY: The links are touched by the list only, under its lock or as RCU allows.
unsafe impl<T: Send> Send for Node<T> {}
// SAFETY: As above; `&Node` gives out `&T` only.
unsafe impl<T: Sync> Sync for Node<T> {}

/// What a removal returns: a node that readers of `D` may still see.
pub type Removed<T, D = Vanilla> = Retired<RcuBox<Node<T>>, D>;

/// A list of `T` that readers of the domain `D` walk, forward only, without a lock.
///
/// Updaters change it under a lock, which is named when the list is made; another lock is
/// [`WrongLock`] and changes nothing. What is removed comes back as [`Retired`]. A reader that
/// stands on an entry while it is removed goes on correctly from there.
///
/// # Invariants
///
/// `head` is initialized and begins a list whose other members are the `links` of [`Node<T>`]s that
/// come from [`Pointer::into_raw`] of a `RcuBox` and that the list owns. It changes only under the
/// lock that `lock` names, held exclusively, or through `&mut self`.
#[pin_data(PinnedDrop)]
pub struct RcuList<T: Send + Sync + 'static, D: Global = Vanilla> {
    #[pin]
    head: Opaque<bindings::list_head>,
    lock: LockId,
    _owns: PhantomData<(RcuBox<Node<T>>, D)>,
}

// SAFETY: The list owns its values, which are `Send`, and gives out `&T`, which is `Sync`.
unsafe impl<T: Send + Sync + 'static, D: Global> Send for RcuList<T, D> {}
// SAFETY: Readers on several CPUs share `&T`, which is `Sync`; an updater takes values out, which
// are `Send`, under a lock.
unsafe impl<T: Send + Sync + 'static, D: Global> Sync for RcuList<T, D> {}

impl<T: Send + Sync + 'static, D: Global> RcuList<T, D> {
    /// Creates an initializer for an empty list that is updated under `lock`. Any context.
    pub fn new<U: ?Sized, B: Backend>(lock: &Lock<U, B>) -> impl PinInit<Self> {
        let lock = LockId::of(lock);
        pin_init!(Self {
            // INVARIANT: A head that points at itself begins the empty list.
            head <- Opaque::ffi_init(|head: *mut bindings::list_head| {
                let empty = bindings::list_head { next: head, prev: head };
                // SAFETY: `head` is valid for writing.
                unsafe { head.write(empty) }
            }),
            lock,
            _owns: PhantomData,
        })
    }

    /// Walks the list as a reader: `list_for_each_entry_rcu()`. Any context.
    ///
    /// What is borrowed lives as long as both the list and the guard.
    #[inline]
    pub fn iter<'g>(&'g self, _guard: &'g impl Reader<D>) -> Iter<'g, T> {
        // INVARIANT: The guard keeps every entry that can be reached from now on alive for `'g`.
        Iter {
            head: self.head.get(),
            current: self.head.get(),
            _lives: PhantomData,
        }
    }

    /// Puts `node` first: `list_add_rcu()`. The context of the lock.
    pub fn push_front<U: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, U, B>,
        node: RcuBox<Node<T>>,
    ) -> Result<(), WrongLock<RcuBox<Node<T>>>> {
        if self.lock.check(guard).is_err() {
            return Err(WrongLock(node));
        }
        // INVARIANT: This is the list's lock, held exclusively; the node is the list's from here.
        //
        // SAFETY: The links are a node's that is in no list, and by the type invariants the head is
        // initialized.
        unsafe { sys::rculab_list_add_rcu(into_links(node), self.head.get()) };
        Ok(())
    }

    /// Puts `node` last: `list_add_tail_rcu()`. The context of the lock.
    pub fn push_back<U: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, U, B>,
        node: RcuBox<Node<T>>,
    ) -> Result<(), WrongLock<RcuBox<Node<T>>>> {
        if self.lock.check(guard).is_err() {
            return Err(WrongLock(node));
        }
        // INVARIANT, SAFETY: As in `push_front`.
        unsafe { sys::rculab_list_add_tail_rcu(into_links(node), self.head.get()) };
        Ok(())
    }

    /// Walks the list as its only updater, starting at the first entry. The context of the lock.
    pub fn cursor<'a, U: ?Sized, B: Backend>(
        &'a self,
        guard: &'a mut Guard<'_, U, B>,
    ) -> Result<Cursor<'a, T, D>, WrongLock> {
        self.lock.check(guard)?;
        let head = self.head.get();
        // INVARIANT: This is the list's lock, and the borrow of its guard keeps it, exclusively,
        // for `'a`.
        Ok(Cursor {
            head,
            // SAFETY: By the type invariants the head is initialized, and the lock is held.
            current: unsafe { (*head).next },
            _lives: PhantomData,
        })
    }
}

#[pinned_drop]
impl<T: Send + Sync + 'static, D: Global> PinnedDrop for RcuList<T, D> {
    fn drop(self: Pin<&mut Self>) {
        let head = self.head.get();
        // SAFETY: By the type invariants the head is initialized.
        let mut links = unsafe { (*head).next };
        while links != head {
            // SAFETY: By the type invariants these are the links of a node of the list.
            let next = unsafe { (*links).next };
            // SAFETY: By the type invariants the list owns the node. Readers borrow the list, so
            // there are none: the node is dropped without a grace period.
            drop(unsafe { from_links::<T>(links) });
            links = next;
        }
    }
}

/// The links of a node that is given up.
fn into_links<T: Send + Sync + 'static>(node: RcuBox<Node<T>>) -> *mut bindings::list_head {
    let node = node.into_raw().as_ptr();
    // SAFETY: `node` is valid, having come from a box.
    unsafe { Opaque::cast_into(&raw const (*node).links) }
}

/// The node that `links` belong to.
///
/// # Safety
///
/// `links` come from [`into_links`] and are in no list that a new reader can enter.
unsafe fn from_links<T: Send + Sync + 'static>(links: *mut bindings::list_head) -> RcuBox<Node<T>> {
    // SAFETY: By the caller, `links` are in a node that was given up.
    unsafe { RcuBox::from_raw(NonNull::new_unchecked(node_of(links))) }
}

/// The address of the node that `links` are in.
///
/// # Safety
///
/// `links` are in a `Node<T>`.
#[inline(always)]
unsafe fn node_of<T>(links: *mut bindings::list_head) -> *mut Node<T> {
    let links = Opaque::cast_from(links);
    // SAFETY: By the caller.
    unsafe { kernel::container_of!(links, Node<T>, links) }.cast_mut()
}

/// What a reader sees of a list, in order.
///
/// # Invariants
///
/// `current` is `head`, or the links of a node of the same list that stays alive for `'g`, as do
/// all that can be reached from it.
pub struct Iter<'g, T> {
    head: *mut bindings::list_head,
    current: *mut bindings::list_head,
    _lives: PhantomData<&'g T>,
}

impl<'g, T: Send + Sync + 'static> Iterator for Iter<'g, T> {
    type Item = &'g T;

    #[inline]
    fn next(&mut self) -> Option<&'g T> {
        // SAFETY: By the type invariants `current` is valid. An updater may write `next` at the
        // same time, with a release store, so it is read atomically; the address dependency orders
        // what is read through it.
        let next = unsafe { Atomic::from_ptr(&raw mut (*self.current).next) }.load(Relaxed);
        if next == self.head {
            return None;
        }
        // INVARIANT: Reached from `current`. A removed node's `next` still leads into the list.
        self.current = next;
        // SAFETY: Not the head, so by the type invariants the links of a node alive for `'g`.
        Some(unsafe { &(*node_of::<T>(next)).value })
    }
}

/// A place in a list, for its updater.
///
/// # Invariants
///
/// The list's lock is held exclusively for `'a`. `current` is `head`, behind the last entry, or the
/// links of a node in the list.
pub struct Cursor<'a, T: Send + Sync + 'static, D: Global> {
    head: *mut bindings::list_head,
    current: *mut bindings::list_head,
    _lives: PhantomData<(&'a T, D)>,
}

impl<T: Send + Sync + 'static, D: Global> Cursor<'_, T, D> {
    /// The entry here, or nothing behind the last one.
    pub fn current(&self) -> Option<&T> {
        if self.current == self.head {
            return None;
        }
        // SAFETY: By the type invariants these are the links of a node in the list, and only this
        // cursor could remove it.
        Some(unsafe { &(*node_of::<T>(self.current)).value })
    }

    /// Goes on to the next entry; behind the last one, stays there.
    pub fn move_next(&mut self) {
        if self.current != self.head {
            // SAFETY: By the type invariants `current` is in the list, and the lock is held.
            self.current = unsafe { (*self.current).next };
        }
    }

    /// Goes on to the first entry from here that `wanted` accepts, and says whether there is one.
    pub fn find(&mut self, mut wanted: impl FnMut(&T) -> bool) -> bool {
        while let Some(value) = self.current() {
            if wanted(value) {
                return true;
            }
            self.move_next();
        }
        false
    }

    /// Removes the entry here and goes on to the next: `list_del_rcu()`.
    pub fn remove(&mut self) -> Option<Removed<T, D>> {
        if self.current == self.head {
            return None;
        }
        let links = self.current;
        self.move_next();
        // SAFETY: By the type invariants the links are in the list, and its lock is held.
        unsafe { sys::rculab_list_del_rcu(links) };
        // SAFETY: The node was removed just above, so new readers do not reach it, and readers are
        // `D`'s by `RcuList::iter`. Its `next` is left as it was, for those that stand on it.
        Some(unsafe { Retired::new(from_links(links), D::DOMAIN) })
    }

    /// Puts `node` in the place of the entry here and goes on to it: `list_replace_rcu()`.
    ///
    /// Behind the last entry there is nothing to replace, and `node` comes back.
    pub fn replace(&mut self, node: RcuBox<Node<T>>) -> Result<Removed<T, D>, RcuBox<Node<T>>> {
        if self.current == self.head {
            return Err(node);
        }
        let old = self.current;
        let new = into_links(node);
        // SAFETY: By the type invariants the old links are in the list, and its lock is held; the
        // new ones are in no list.
        unsafe { sys::rculab_list_replace_rcu(old, new) };
        // INVARIANT: The new links are in the list now.
        self.current = new;
        // SAFETY: As in `remove`.
        Ok(unsafe { Retired::new(from_links(old), D::DOMAIN) })
    }
}
