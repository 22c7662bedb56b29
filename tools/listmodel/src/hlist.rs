// SPDX-License-Identifier: GPL-2.0

//! An updater of an hlist, whose stores are recorded instead of done.

use std::ops::Deref;

use crate::{
    hlist_steps::{self, Link, Place},
    steps::Order,
    updates::{END, Field, HEAD, Node, Record, UNMADE},
};

/// An updater of the hlist at [`HEAD`], with the lock held.
pub struct Updater(Record);

impl Deref for Updater {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.0
    }
}

/// The address of links, and of the place in them where the next are. The head is such a place.
#[derive(Clone, Copy)]
struct Links<'u>(&'u Record, Node);

impl Place for Links<'_> {
    type Link = Self;

    fn load(self) -> Option<Self> {
        let to = self.0.load(self.1, Field::Next);
        (to != END).then_some(Links(self.0, to))
    }

    fn store(self, to: Option<Self>, order: Order) {
        let to = to.map_or(END, |links| links.1);
        self.0.store(self.1, Field::Next, to, order);
    }
}

impl Link for Links<'_> {
    type Place = Self;

    fn next_place(self) -> Self {
        self
    }

    fn place(self) -> Self {
        Links(self.0, self.0.load(self.1, Field::Prev))
    }

    fn set_place(self, place: Self) {
        self.0.store(self.1, Field::Prev, place.1, Order::Private);
    }
}

impl Updater {
    /// Begins with `nodes` in the hlist, as readers found it before.
    pub fn new(nodes: &[Node]) -> Self {
        Self::with(nodes, |_, order| order)
    }

    /// As [`Updater::new`], with other orders than the steps ask for: a bug.
    pub fn with(nodes: &[Node], change: fn(Field, Order) -> Order) -> Self {
        let size = nodes.iter().max().map_or(2, |last| last + 1).max(2);
        let mut view = vec![UNMADE; size];
        let row: Vec<Node> = [HEAD].into_iter().chain(nodes.iter().copied()).collect();
        for (index, node) in row.iter().enumerate() {
            let next = row.get(index + 1).copied().unwrap_or(END);
            let place = if index == 0 { HEAD } else { row[index - 1] };
            view[*node] = [next, place, 1];
        }
        Self(Record::new(view, change))
    }

    fn links(&self, node: Node) -> Links<'_> {
        Links(&self.0, node)
    }

    /// `push_front()`, or `insert_after()` a node.
    pub fn insert_after(&self, new: Node, prev: Node) {
        hlist_steps::insert(self.links(new), self.links(prev));
    }

    /// `insert_before()`.
    pub fn insert_before(&self, new: Node, next: Node) {
        hlist_steps::insert(self.links(new), self.links(next).place());
    }

    /// `remove()`.
    pub fn remove(&self, node: Node) {
        hlist_steps::remove(self.links(node));
    }

    /// What `hlist_del_rcu()` does: it leaves a node out with `WRITE_ONCE()`.
    pub fn hlist_del_rcu(&self, node: Node) {
        let (next, place) = (self.load(node, Field::Next), self.load(node, Field::Prev));
        self.store(place, Field::Next, next, Order::Private);
        if next != END {
            self.store(next, Field::Prev, place, Order::Private);
        }
    }

    /// `replace()`.
    pub fn replace(&self, old: Node, new: Node) {
        hlist_steps::replace(self.links(old), self.links(new));
    }
}
