// SPDX-License-Identifier: GPL-2.0

//! The steps of each update of an hlist, in the order in which readers may see them.
//!
//! As `list/steps.rs`: those of [`include/linux/rculist.h`](srctree/include/linux/rculist.h), with
//! nothing of the kernel in it, so that the model check takes them one by one.

use super::Order;

/// Where a pointer to links stands: in a head, or in other links.
pub(crate) trait Place: Copy {
    /// What the links in such places are.
    type Link: Link<Place = Self>;
    /// The links that the place points to; updaters only.
    fn load(self) -> Option<Self::Link>;
    /// Points to other links.
    fn store(self, to: Option<Self::Link>, order: Order);
}

/// Links in a row that ends with none: a copy of their address.
pub(crate) trait Link: Copy {
    /// Where pointers to such links stand.
    type Place: Place<Link = Self>;
    /// Where these links point to the next.
    fn next_place(self) -> Self::Place;
    /// The place that points to these links; updaters only.
    fn place(self) -> Self::Place;
    /// Remembers the place that points to these links.
    fn set_place(self, place: Self::Place);
}

/// A place as a reader follows it, while an updater stores.
pub(crate) trait Visit: Copy {
    /// What it comes to.
    type Links: Copy;
    /// The links that the place points to.
    fn follow(self) -> Option<Self::Links>;
    /// Where such links point to the next.
    fn next_place(links: Self::Links) -> Self;
}

/// Goes on from `place` as a reader: to the links there and the place behind them, or to none at
/// the end.
#[inline(always)]
pub(crate) fn step<P: Visit>(place: P) -> Option<(P::Links, P)> {
    let links = place.follow()?;
    Some((links, P::next_place(links)))
}

/// Puts `new` at `place`, before what stands there: `hlist_add_head_rcu()`, and before or behind
/// other links.
#[inline(always)]
pub(crate) fn insert<L: Link>(new: L, place: L::Place) {
    put::<L>(new, place, place.load());
}

/// Puts `new` in the place of `old`, whose own links stay, for the readers that stand on it:
/// `hlist_replace_rcu()`.
#[inline(always)]
pub(crate) fn replace<L: Link>(old: L, new: L) {
    put::<L>(new, old.place(), old.next_place().load());
}

#[inline(always)]
fn put<L: Link>(new: L, place: L::Place, next: Option<L>) {
    new.next_place().store(next, Order::Private);
    new.set_place(place);
    place.store(Some(new), Order::Publish);
    if let Some(next) = next {
        next.set_place(new.next_place());
    }
}

/// Takes `old` out. Its own links stay, for the readers that stand on it: `hlist_del_rcu()`.
///
/// It publishes what is next, as leaving out from a list does.
#[inline(always)]
pub(crate) fn remove<L: Link>(old: L) {
    let (place, next) = (old.place(), old.next_place().load());
    place.store(next, Order::Publish);
    if let Some(next) = next {
        next.set_place(place);
    }
}
