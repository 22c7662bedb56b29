// SPDX-License-Identifier: GPL-2.0

//! Every order in which stores can become visible, and every moment at which a reader can look.

use std::{
    cell::Cell,
    collections::{BTreeSet, HashSet},
};

use crate::{
    hlist_steps::{self, Visit},
    list_steps::{self, Follow},
    steps::Order,
    updates::{END, Event, Field, HEAD, NOWHERE, Node, Record, UNMADE},
};

/// Which way a reader walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// `iter()`.
    Forward,
    /// `iter_rev()`.
    Backward,
    /// `iter()` of an hlist.
    Hlist,
}

/// What a reader must never see.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Violation {
    /// A node whose memory was given away.
    Freed(Node),
    /// A node without its contents.
    NotMade(Node),
    /// Links that nobody has written yet.
    NoLinks(Node),
    /// A walk that comes to a node a second time, having seen these.
    Endless(Vec<Node>),
    /// A walk that ends at the head of another list.
    Astray(Vec<Node>),
}

/// What readers can see.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The nodes that a whole walk passed, of all walks.
    pub walks: BTreeSet<Vec<Node>>,
    /// What went wrong in some.
    pub violations: BTreeSet<Violation>,
    /// How many states were tried.
    pub states: usize,
}

/// A reader's progress.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Reader {
    NotThere,
    At(Vec<Node>),
    Gone,
}

/// A moment.
#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    /// Which events can be seen, one bit each.
    seen: u64,
    /// The grace period that has begun and not ended, if the reader was there when it began.
    waits: Option<usize>,
    /// The grace periods that have begun, one bit each.
    begun: u64,
    reader: Reader,
}

struct Explorer<'a> {
    begin: Vec<[usize; 3]>,
    events: &'a [Event],
    way: Way,
    visited: HashSet<State>,
    outcome: Outcome,
}

/// Lets a reader walk the list at [`HEAD`] while an updater does what it did.
///
/// `begin` is what memory held before.
pub fn explore(begin: Vec<[usize; 3]>, updater: &Record, way: Way) -> Outcome {
    let events = updater.events();
    assert!(events.len() < 64, "an update of so many steps");
    let mut begin = begin;
    begin.resize(updater.memory().len(), UNMADE);
    let mut explorer = Explorer {
        begin,
        events: &events,
        way,
        visited: HashSet::new(),
        outcome: Outcome::default(),
    };
    explorer.visit(State {
        seen: 0,
        waits: None,
        begun: 0,
        reader: Reader::NotThere,
    });
    explorer.outcome.states = explorer.visited.len();
    explorer.outcome
}

impl Explorer<'_> {
    /// Tries all that can come next. (As deep as there are steps.)
    fn visit(&mut self, state: State) {
        if !self.visited.insert(state.clone()) {
            return;
        }
        for index in 0..self.events.len() {
            self.update(&state, index);
        }
        self.read(state);
    }

    /// Lets event `index` be seen, if it can be next.
    fn update(&mut self, state: &State, index: usize) {
        let bit = 1 << index;
        if state.seen & bit != 0 {
            return;
        }
        let mut next = state.clone();
        match self.events[index] {
            Event::Store(node, field, _, order) => {
                let free = |earlier: usize| match self.events[earlier] {
                    Event::Store(n, f, ..) => (n, f) != (node, field) && order != Order::Publish,
                    Event::GracePeriod => false,
                    // What was freed is not stored to; another node's store does not wait.
                    Event::Free(freed) => freed != node,
                };
                if (0..index).any(|earlier| state.seen & (1 << earlier) == 0 && !free(earlier)) {
                    return;
                }
                next.seen |= bit;
            }
            Event::GracePeriod => {
                // All before it can be seen when it begins.
                if (0..index).any(|earlier| state.seen & (1 << earlier) == 0) {
                    return;
                }
                if state.begun & bit == 0 {
                    next.begun |= bit;
                    next.waits = matches!(state.reader, Reader::At(_)).then_some(index);
                } else if state.waits != Some(index) || state.reader == Reader::Gone {
                    next.seen |= bit;
                    next.waits = None;
                } else {
                    return;
                }
            }
            Event::Free(node) => {
                // The stores that the updater made to the node itself come before.
                let own = |earlier: usize| match self.events[earlier] {
                    Event::Store(n, ..) => n == node,
                    Event::GracePeriod => true,
                    Event::Free(_) => false,
                };
                if (0..index).any(|earlier| state.seen & (1 << earlier) == 0 && own(earlier)) {
                    return;
                }
                next.seen |= bit;
            }
        }
        self.visit(next);
    }

    /// Lets the reader take its next step.
    fn read(&mut self, state: State) {
        let path = match &state.reader {
            Reader::NotThere => Vec::new(),
            Reader::At(path) => path.clone(),
            Reader::Gone => return,
        };
        let current = path.last().copied().unwrap_or(HEAD);
        let memory = Memory {
            explorer: self,
            seen: state.seen,
            violation: Cell::new(None),
        };
        let links = Links(&memory, current);
        let head = Links(&memory, HEAD);
        let next = match self.way {
            Way::Forward => list_steps::step(links, head),
            Way::Backward => list_steps::step_back(links, head),
            Way::Hlist => hlist_steps::step(links).map(|(links, _)| links),
        }
        .map(|links| links.1);
        let mut violation = memory.violation.take();
        if let (Some(node), None) = (next, &violation) {
            violation = memory.look_at(node, &path);
        }
        let reader = match (violation, next) {
            (Some(violation), _) => {
                self.outcome.violations.insert(violation);
                return;
            }
            (None, None) => {
                self.outcome.walks.insert(path);
                Reader::Gone
            }
            (None, Some(node)) => Reader::At(path.into_iter().chain([node]).collect()),
        };
        // A reader that has begun may also see nothing for a while: that is another order of the
        // same steps, and tried too.
        self.visit(State { reader, ..state });
    }
}

/// Memory as a reader sees it at some moment.
struct Memory<'e> {
    explorer: &'e Explorer<'e>,
    seen: u64,
    violation: Cell<Option<Violation>>,
}

impl Memory<'_> {
    fn load(&self, node: Node, field: Field) -> usize {
        let mut value = self.explorer.begin[node][field as usize];
        for (index, event) in self.explorer.events.iter().enumerate() {
            if self.seen & (1 << index) == 0 {
                continue;
            }
            match *event {
                Event::Store(n, f, new, _) if (n, f) == (node, field) => value = new,
                Event::Free(n) if n == node => {
                    self.violation.set(Some(Violation::Freed(node)));
                }
                _ => {}
            }
        }
        value
    }

    /// What is wrong with a node that the walk comes to.
    fn look_at(&self, node: Node, path: &[Node]) -> Option<Violation> {
        if path.contains(&node) {
            return Some(Violation::Endless(path.to_vec()));
        }
        if node < 2 {
            return Some(Violation::Astray(path.to_vec()));
        }
        let value = self.load(node, Field::Value);
        self.violation
            .take()
            .or_else(|| (value != 1).then_some(Violation::NotMade(node)))
    }
}

/// The address of links, for the reader's steps.
#[derive(Clone, Copy)]
struct Links<'m>(&'m Memory<'m>, Node);

impl PartialEq for Links<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.1 == other.1
    }
}

impl Links<'_> {
    fn follow(self, field: Field) -> Self {
        let to = self.0.load(self.1, field);
        if to == NOWHERE {
            self.0.violation.set(Some(Violation::NoLinks(self.1)));
            return Links(self.0, HEAD);
        }
        Links(self.0, to)
    }
}

/// In an hlist, both links and the place in them where the next are.
impl Visit for Links<'_> {
    type Links = Self;

    fn follow(self) -> Option<Self> {
        let next = Links::follow(self, Field::Next);
        (next.1 != END).then_some(next)
    }

    fn next_place(links: Self) -> Self {
        links
    }
}

impl Follow for Links<'_> {
    fn next(self) -> Self {
        self.follow(Field::Next)
    }

    fn prev(self) -> Self {
        self.follow(Field::Prev)
    }
}
