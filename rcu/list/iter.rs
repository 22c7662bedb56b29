// SPDX-License-Identifier: GPL-2.0

//! What readers see of a list.

use super::{
    links::Visited,
    steps, //
};
use crate::node::{
    Entry,
    Shape, //
};
use core::marker::PhantomData;

/// What a reader sees of a list, in order.
///
/// # Invariants
///
/// `current` is `head`, or the links number `ID` of an object of the list that stays alive for
/// `'g`, as do all that can be reached from it.
///
/// # Examples
///
/// ```
/// use rcu::list::{Iter, Sole};
///
/// /// Adds up what is left of a walk.
/// fn sum(rest: Iter<'_, u32, 0, Sole>) -> u32 {
///     rest.map(|entry| *entry).sum()
/// }
///
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::{list::Node, RcuList};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
/// # for value in 0..3 {
/// #     list.cursor(&mut lock.lock())?.push_back(Node::new(value, GFP_KERNEL)?);
/// # }
/// let guard = rcu::read_lock();
/// let mut walk = list.iter(&guard);
/// assert!(walk.next().is_some_and(|first| *first == 0));
/// assert_eq!(sum(walk), 1 + 2);
/// # Ok::<(), Error>(())
/// ```
pub struct Iter<'g, T, const ID: usize, S: Shape> {
    head: Visited,
    current: Visited,
    _lives: PhantomData<Entry<'g, T, S>>,
}

impl<T, const ID: usize, S: Shape> Iter<'_, T, ID, S> {
    /// Begins at `head`; the caller, who holds the guard for `'g`, establishes the invariants.
    #[inline(always)]
    pub(super) fn from(head: Visited) -> Self {
        Self {
            head,
            current: head,
            _lives: PhantomData,
        }
    }
}

impl<'g, T: Send + Sync + 'static, const ID: usize, S: Shape> Iterator for Iter<'g, T, ID, S> {
    type Item = Entry<'g, T, S>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        // INVARIANT: Reached from `current`. A removed entry's `next` still leads into the list.
        self.current = steps::step(self.current, self.head)?;
        // SAFETY: Not the head, so by the type invariants an object's, which is alive for `'g`.
        Some(unsafe { Entry::new::<ID>(self.current.0) })
    }
}

/// What a reader sees of a list that is walked backward.
///
/// # Invariants
///
/// As [`Iter`]'s.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::{list::Node, RcuBidirList};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// # let list: Pin<KBox<RcuBidirList<u32>>> =
/// #     KBox::pin_init(RcuBidirList::new(&*lock), GFP_KERNEL)?;
/// # for value in 0..3 {
/// #     list.cursor(&mut lock.lock())?.push_back(Node::new(value, GFP_KERNEL)?);
/// # }
/// let guard = rcu::read_lock();
/// let mut back = list.iter_rev(&guard);
/// assert!(back.next().is_some_and(|last| *last == 2));
/// # Ok::<(), Error>(())
/// ```
pub struct Rev<'g, T, const ID: usize, S: Shape>(Iter<'g, T, ID, S>);

impl<T, const ID: usize, S: Shape> Rev<'_, T, ID, S> {
    /// Begins at `head`; the caller establishes the invariants.
    #[inline(always)]
    pub(super) fn from(head: Visited) -> Self {
        Self(Iter::from(head))
    }
}

impl<'g, T: Send + Sync + 'static, const ID: usize, S: Shape> Iterator for Rev<'g, T, ID, S> {
    type Item = Entry<'g, T, S>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        // INVARIANT: As in `Iter::next`; a removed entry's `prev` stays too.
        self.0.current = steps::step_back(self.0.current, self.0.head)?;
        // SAFETY: As in `Iter::next`.
        Some(unsafe { Entry::new::<ID>(self.0.current.0) })
    }
}
