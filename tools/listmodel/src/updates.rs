// SPDX-License-Identifier: GPL-2.0

//! An updater, whose stores are recorded instead of done.

use std::{cell::RefCell, ops::Deref};

use crate::{
    list_steps::{self, Follow, Link},
    steps::{Order, Ways},
};

/// A node: its number. Two heads come first.
pub type Node = usize;

/// The head of the list that readers walk.
pub const HEAD: Node = 0;

/// The head of another list.
pub const OTHER: Node = 1;

/// Where links point that nobody has written yet.
pub(crate) const NOWHERE: usize = usize::MAX;

/// Where the last links of an hlist point.
pub(crate) const END: usize = usize::MAX - 1;

/// A node as it comes from the allocator.
pub(crate) const UNMADE: [usize; 3] = [NOWHERE, NOWHERE, 0];

/// What a node has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The next node.
    Next,
    /// The previous node; in an hlist, the node whose next one this is.
    Prev,
    /// The contents: 1 when they are there.
    Value,
}

/// What an updater does that somebody else can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A store to a field of a node.
    Store(Node, Field, usize, Order),
    /// It has waited for the readers that were there.
    GracePeriod,
    /// The memory of the node is somebody else's now.
    Free(Node),
}

/// What an updater did, and memory as it sees it itself.
pub struct Record {
    view: RefCell<Vec<[usize; 3]>>,
    events: RefCell<Vec<Event>>,
    change: fn(Field, Order) -> Order,
}

impl Record {
    /// Begins with what readers find before, and with orders of stores that are changed so.
    pub(crate) fn new(view: Vec<[usize; 3]>, change: fn(Field, Order) -> Order) -> Self {
        Self {
            view: RefCell::new(view),
            events: RefCell::new(Vec::new()),
            change,
        }
    }

    /// What is in memory now; with nothing done yet, what readers begin with.
    pub fn memory(&self) -> Vec<[usize; 3]> {
        self.view.borrow().clone()
    }

    /// What was done.
    pub fn events(&self) -> Vec<Event> {
        self.events.borrow().clone()
    }

    /// Makes a node with contents, as an allocation and a constructor do.
    pub fn make(&self, node: Node) {
        let mut view = self.view.borrow_mut();
        if view.len() <= node {
            view.resize(node + 1, UNMADE);
        }
        drop(view);
        self.store(node, Field::Value, 1, Order::Private);
    }

    /// `synchronize()`.
    pub fn grace_period(&self) {
        self.events.borrow_mut().push(Event::GracePeriod);
    }

    /// Gives the memory of the node away.
    pub fn free(&self, node: Node) {
        self.events.borrow_mut().push(Event::Free(node));
    }

    pub(crate) fn load(&self, node: Node, field: Field) -> usize {
        self.view.borrow()[node][field as usize]
    }

    pub(crate) fn store(&self, node: Node, field: Field, value: usize, order: Order) {
        self.view.borrow_mut()[node][field as usize] = value;
        let order = (self.change)(field, order);
        self.events
            .borrow_mut()
            .push(Event::Store(node, field, value, order));
    }
}

/// An updater of one list or two, with the lock held.
pub struct Updater<W> {
    record: Record,
    ways: std::marker::PhantomData<W>,
}

impl<W> Deref for Updater<W> {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

/// The address of links, for the steps.
struct Links<'u, W>(&'u Updater<W>, Node);

impl<W> Clone for Links<'_, W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W> Copy for Links<'_, W> {}

impl<W> PartialEq for Links<'_, W> {
    fn eq(&self, other: &Self) -> bool {
        self.1 == other.1
    }
}

impl<W> Follow for Links<'_, W> {
    fn next(self) -> Self {
        Links(self.0, self.0.load(self.1, Field::Next))
    }

    fn prev(self) -> Self {
        Links(self.0, self.0.load(self.1, Field::Prev))
    }
}

impl<W> Link for Links<'_, W> {
    fn set_next(self, to: Self, order: Order) {
        self.0.store(self.1, Field::Next, to.1, order);
    }

    fn set_prev(self, to: Self, order: Order) {
        self.0.store(self.1, Field::Prev, to.1, order);
    }
}

impl<W: Ways> Updater<W> {
    /// Begins with `nodes` in the list at [`HEAD`], as readers found it before.
    pub fn new(nodes: &[Node]) -> Self {
        Self::with(nodes, |_, order| order)
    }

    /// As [`Updater::new`], with other orders than the steps ask for: a bug.
    pub fn with(nodes: &[Node], change: fn(Field, Order) -> Order) -> Self {
        let size = nodes.iter().max().map_or(2, |last| last + 1).max(2);
        let mut view = vec![UNMADE; size];
        view[OTHER] = [OTHER, OTHER, 0];
        let ring: Vec<Node> = [HEAD].into_iter().chain(nodes.iter().copied()).collect();
        for (index, node) in ring.iter().enumerate() {
            let next = ring[(index + 1) % ring.len()];
            let prev = ring[(index + ring.len() - 1) % ring.len()];
            view[*node] = [next, prev, 1];
        }
        Self {
            record: Record::new(view, change),
            ways: std::marker::PhantomData,
        }
    }

    /// `push_back()`, `insert_before()`.
    pub fn insert_before(&self, new: Node, next: Node) {
        let next = Links(self, next);
        list_steps::insert::<_, W>(Links(self, new), next.prev(), next);
    }

    /// `push_front()`, `insert_after()`.
    pub fn insert_after(&self, new: Node, prev: Node) {
        let prev = Links(self, prev);
        list_steps::insert::<_, W>(Links(self, new), prev, prev.next());
    }

    /// `remove()`.
    pub fn remove(&self, node: Node) {
        let node = Links(self, node);
        list_steps::leave_out::<_, W>(node.prev(), node.next());
    }

    /// What `list_del_rcu()` does, in its own order, and with `WRITE_ONCE()` for its last store.
    pub fn list_del_rcu(&self, node: Node) {
        let (next, prev) = (self.load(node, Field::Next), self.load(node, Field::Prev));
        self.store(next, Field::Prev, prev, Order::Private);
        self.store(prev, Field::Next, next, Order::Private);
    }

    /// `replace()`.
    pub fn replace(&self, old: Node, new: Node) {
        let old = Links(self, old);
        list_steps::insert::<_, W>(Links(self, new), old.prev(), old.next());
    }

    /// `take_all()`: the first and the last node.
    pub fn take_all(&self, head: Node) -> (Node, Node) {
        let head = Links(self, head);
        let ends = (head.next().1, head.prev().1);
        list_steps::leave_out::<_, W>(head, head);
        ends
    }

    /// `splice_front()`.
    pub fn splice_front(&self, (first, last): (Node, Node), head: Node) {
        let head = Links(self, head);
        list_steps::splice::<_, W>(Links(self, first), Links(self, last), head, head.next());
    }
}
