// SPDX-License-Identifier: GPL-2.0

//! All entries of a list at once.

use super::{
    links::Links,
    steps::Follow, //
};
use crate::{
    domain::sealed::Sealed,
    node::{
        head_of,
        links_behind,
        owner_at,
        Node,
        Shape, //
    },
    reclaim,
    Domain,
    Pointer, //
};
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};
use kernel::{
    bindings::{
        callback_head,
        list_head, //
    },
    sync::atomic::Relaxed, //
};

/// What stands in the slot of the last node of a chain instead of an owner. No list is there.
const LAST: usize = 1;

/// The entries that were in a list, in their order: one at the least.
///
/// It costs no memory, and one callback reclaims it all.
///
/// # Invariants
///
/// `first` are the links number `ID` of a node that the chain owns. So are the next links of each,
/// up to those whose slot says that they are the last.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::{list::Node, RcuList};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
/// # for value in 0..3 {
/// #     list.cursor(&mut lock.lock())?.push_back(Node::new(value, GFP_KERNEL)?);
/// # }
/// let chain = list.cursor(&mut lock.lock())?.take_all().ok_or(ENOENT)?.synchronize();
/// assert!(list.is_empty());
/// // After the grace period it may go into a list again, or be dropped as a whole.
/// list.cursor(&mut lock.lock())?.splice_back(chain);
/// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([0, 1, 2]));
/// # Ok::<(), Error>(())
/// ```
pub struct Chain<T: Send + Sync + 'static, const ID: usize, S: Shape> {
    first: NonNull<list_head>,
    _owns: PhantomData<Node<T, ID, S>>,
}

impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Chain<T, ID, S> {
    /// Takes the nodes from `first` to `last`.
    ///
    /// # Safety
    ///
    /// They are in no list, their next links lead from the first to the last, and they are the
    /// caller's. (Readers may still follow the links.)
    pub(super) unsafe fn of(first: Links, last: Links) -> Self {
        let mut links = first;
        while links != last {
            // SAFETY: By the caller these are a node's.
            unsafe { owner_at(links.0) }.store(0, Relaxed);
            links = links.next();
        }
        // SAFETY: As above.
        unsafe { owner_at(last.0) }.store(LAST, Relaxed);
        // INVARIANT: By the caller, and as was just written.
        Self {
            // SAFETY: The links of a node are not null.
            first: unsafe { NonNull::new_unchecked(first.0) },
            _owns: PhantomData,
        }
    }

    /// Gives all nodes up to the list that is called `owner`, and returns the first and last links.
    pub(super) fn give_to(self, owner: usize) -> (Links, Links) {
        // INVARIANT: The links of nodes, which are the list's from here.
        let first = Links(self.first.as_ptr());
        core::mem::forget(self);
        let mut links = first;
        loop {
            // SAFETY: By the type invariants these are a node's.
            let slot = unsafe { owner_at(links.0) };
            let last = slot.load(Relaxed) == LAST;
            slot.store(owner, Relaxed);
            if last {
                return (first, links);
            }
            links = links.next();
        }
    }

    /// Takes the first node off. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuList};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
    /// # for value in 0..3 {
    /// #     list.cursor(&mut lock.lock())?.push_back(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let mut rest = list.cursor(&mut lock.lock())?.take_all().map(|chain| chain.synchronize());
    /// let mut sum = 0;
    /// while let Some(chain) = rest {
    ///     let (node, others) = chain.pop();
    ///     sum += node.into_inner();
    ///     rest = others;
    /// }
    /// assert_eq!(sum, 0 + 1 + 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn pop(self) -> (Node<T, ID, S>, Option<Self>) {
        let first = self.first.as_ptr();
        core::mem::forget(self);
        // SAFETY: By the type invariants the node is ours, and so is the rest.
        unsafe { pop(first) }
    }
}

/// Takes the first node off the chain that begins with `first`.
///
/// # Safety
///
/// It was a chain, which is the caller's.
unsafe fn pop<T: Send + Sync + 'static, const ID: usize, S: Shape>(
    first: *mut list_head,
) -> (Node<T, ID, S>, Option<Chain<T, ID, S>>) {
    // SAFETY: By the caller these are a node's.
    let last = unsafe { owner_at(first) }.load(Relaxed) == LAST;
    let rest = (!last).then(|| Chain {
        // INVARIANT: What is behind the first node of a chain, which is not the last, is one.
        //
        // SAFETY: The links of a node are not null.
        first: unsafe { NonNull::new_unchecked(Links(first).next().0) },
        _owns: PhantomData,
    });
    // SAFETY: By the caller.
    (unsafe { Node::from_links(first) }, rest)
}

/// Drops the nodes of the chain that begins with `first`.
///
/// # Safety
///
/// As for [`pop`].
unsafe fn drop_all<T: Send + Sync + 'static, const ID: usize, S: Shape>(first: *mut list_head) {
    // SAFETY: By the caller.
    let (node, mut rest) = unsafe { pop::<T, ID, S>(first) };
    drop(node);
    while let Some(chain) = rest {
        rest = chain.pop().1;
    }
}

impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Drop for Chain<T, ID, S> {
    fn drop(&mut self) {
        // SAFETY: By the type invariants the chain is ours.
        unsafe { drop_all::<T, ID, S>(self.first.as_ptr()) };
    }
}

// SAFETY: A chain is nodes, which are `Send`.
unsafe impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Send for Chain<T, ID, S> {}
// SAFETY: `&Chain` offers nothing.
unsafe impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Sync for Chain<T, ID, S> {}

impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Sealed for Chain<T, ID, S> {}

// SAFETY: The chain keeps the first node's object alive, which stays where it is.
unsafe impl<T: Send + Sync + 'static, const ID: usize, S: Shape> Pointer for Chain<T, ID, S> {
    type Target = T;
    type Raw = list_head;
    const OFFSET: usize = <Node<T, ID, S> as Pointer>::OFFSET;

    fn into_raw(self) -> NonNull<list_head> {
        let first = self.first;
        core::mem::forget(self);
        first
    }

    unsafe fn from_raw(first: NonNull<list_head>) -> Self {
        // INVARIANT: By the caller this is a chain that was given up.
        Self {
            first,
            _owns: PhantomData,
        }
    }

    fn defer<D: Domain>(self, domain: D) {
        let first = self.first.as_ptr();
        core::mem::forget(self);
        // SAFETY: By the type invariants the links are a node's.
        if unsafe { owner_at(first) }.load(Relaxed) == LAST {
            // The callback will write over what says so.
            //
            // SAFETY: The chain was this node, and ours.
            unsafe { Node::<T, ID, S>::from_links(first) }.defer(domain);
        } else {
            reclaim::queued();
            // SAFETY: The `rcu_head` is in a slot of ours, and the callback fits it.
            unsafe { domain.call(head_of(first), hand_to_worker::<T, ID, S>) };
        }
    }
}

/// The callback that leaves a chain of two nodes or more to the worker.
///
/// # Safety
///
/// `head` is in slot `ID` of the first node of a chain that the caller gives up.
unsafe extern "C" fn hand_to_worker<T: Send + Sync + 'static, const ID: usize, S: Shape>(
    head: *mut callback_head,
) {
    // SAFETY: By the caller.
    unsafe { reclaim::queue(head, drop_chain::<T, ID, S>) };
}

/// Drops the chain whose first node's slot begins with `head`.
///
/// # Safety
///
/// As for [`hand_to_worker`].
unsafe fn drop_chain<T: Send + Sync + 'static, const ID: usize, S: Shape>(
    head: *mut callback_head,
) {
    // SAFETY: By the caller. The first of two or more is not the last, and its slot, whatever was
    // written there, does not say so: no function is at the address `LAST`.
    unsafe { drop_all::<T, ID, S>(links_behind(head)) };
}
