// SPDX-License-Identifier: GPL-2.0

//! The steps of each update of a list, in the order in which readers may see them.
//!
//! They are those of [`include/linux/rculist.h`](srctree/include/linux/rculist.h). There is nothing
//! of the kernel in this file, so that the model check (`tools/listmodel`) takes these very steps one
//! by one, with readers in between.

/// How a store becomes visible to readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Plainly: readers do not look there, or cannot reach it yet.
    Private,
    /// After all stores before it: `rcu_assign_pointer()`.
    Publish,
}

/// Links in a ring with a head, as somebody follows them: a copy of their address.
pub(crate) trait Follow: Copy + PartialEq {
    /// The next links of the ring.
    fn next(self) -> Self;
    /// The previous links of the ring.
    fn prev(self) -> Self;
}

/// Links as an updater changes them.
pub(crate) trait Link: Follow {
    /// Stores the next links.
    fn set_next(self, to: Self, order: Order);
    /// Stores the previous links.
    fn set_prev(self, to: Self, order: Order);
}

/// Which ways readers go.
pub trait Ways {
    /// How an update stores the way back.
    const PUBLISH_BACK: Order;
}

/// [`Ways::PUBLISH_BACK`] where readers go forward only, and never look at the way back.
pub(crate) const BACK_UNSEEN: Order = Order::Private;

/// [`Ways::PUBLISH_BACK`] where readers go back as well.
///
/// `list_add_rcu()` stores it plainly, which on a weakly ordered machine would let a reader who comes
/// backwards see the new entry before its contents.
pub(crate) const BACK_SEEN: Order = Order::Publish;

/// Puts `new` between `prev` and `next`: `list_add_rcu()`.
///
/// Where `prev` and `next` are not neighbours but those of a third, `new` takes its place:
/// `list_replace_rcu()`. The third one's own links stay, for the readers that stand on it.
#[inline(always)]
pub(crate) fn insert<L: Link, W: Ways>(new: L, prev: L, next: L) {
    new.set_next(next, Order::Private);
    new.set_prev(prev, Order::Private);
    prev.set_next(new, Order::Publish);
    next.set_prev(new, W::PUBLISH_BACK);
}

/// Leaves out what is between `prev` and `next`: `list_del_rcu()`, `list_bidir_del_rcu()`.
///
/// Its own links stay, for the readers that stand on it.
///
/// What is next may have been put there just before, under the same lock: readers then reach it
/// here for the first time, so that this publishes too. (`list_del_rcu()` stores with
/// `WRITE_ONCE()`. On a machine that keeps stores in order, as x86, that is the same.)
#[inline(always)]
pub(crate) fn leave_out<L: Link, W: Ways>(prev: L, next: L) {
    next.set_prev(prev, W::PUBLISH_BACK);
    prev.set_next(next, Order::Publish);
}

/// Puts all from `first` to `last`, which no reader can reach, between `prev` and `next`:
/// `list_splice_rcu()`.
#[inline(always)]
pub(crate) fn splice<L: Link, W: Ways>(first: L, last: L, prev: L, next: L) {
    last.set_next(next, Order::Private);
    first.set_prev(prev, Order::Private);
    prev.set_next(first, Order::Publish);
    next.set_prev(last, W::PUBLISH_BACK);
}

/// Goes on from `current` as a reader: to the next links, or to none at the end.
#[inline(always)]
pub(crate) fn step<L: Follow>(current: L, head: L) -> Option<L> {
    let next = current.next();
    (next != head).then_some(next)
}

/// Goes back from `current` as a reader.
#[inline(always)]
pub(crate) fn step_back<L: Follow>(current: L, head: L) -> Option<L> {
    let prev = current.prev();
    (prev != head).then_some(prev)
}
