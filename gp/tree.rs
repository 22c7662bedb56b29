// SPDX-License-Identifier: GPL-2.0

//! The tree that quiescent states climb, as events tell of it.

use super::{
    counter::Counter,
    counters::Counters, //
};
use core::{
    hint::spin_loop,
    ops::RangeInclusive, //
};
use kernel::{
    alloc::{
        flags::GFP_KERNEL,
        KVVec, //
    },
    cpu::nr_cpu_ids,
    error::Result, //
};
use wrappers::{
    barrier::{
        smp_rmb,
        smp_wmb, //
    },
    tracepoint::{
        rcu::{
            GracePeriodInit,
            QuiescentStateReport, //
        },
        Probe, //
    }, //
};

/// The kernel's trees have at most so many levels.
pub(super) const LEVELS: usize = 4;

/// No grace period has this number: its state is none of the kernel's.
const BEING_WRITTEN: u64 = 3;

/// The nodes, each at the place of its level and its first CPU.
pub(super) struct Tree {
    nodes: KVVec<Node>,
    pub(super) cpus: usize,
}

/// A node, written under the lock of the kernel's `rcu_node` for which it stands.
#[derive(Default)]
struct Node {
    /// One more than its last CPU; 0 if there is no such node, or it was not seen yet.
    end: Counter,
    gp_seq: Counter,
    /// Whom the grace period waited for at its start, a bit each.
    waited: Counter,
    /// Whom it still waits for, a bit each.
    owing: Counter,
    /// Whether it waits for tasks that were preempted while they read, as a [`Tasks`].
    tasks: Counter,
}

/// What an event tells of the tasks that block the grace period.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tasks {
    No = 0,
    Yes = 1,
    /// The grace period has begun to wait for the node, and no event has told yet.
    NotTold = 2,
}

/// What a node is like at one moment.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) level: usize,
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) gp_seq: u64,
    pub(super) waited: u64,
    pub(super) owing: u64,
    /// `None` before an event has told.
    pub(super) tasks: Option<bool>,
}

impl Node {
    fn seen(&self, level: usize, first: usize) -> Option<Seen> {
        let last = (self.end.get() as usize).checked_sub(1)?;
        loop {
            let gp_seq = self.gp_seq.get();
            smp_rmb();
            let (waited, owing, tasks) = (self.waited.get(), self.owing.get(), self.tasks.get());
            smp_rmb();
            if gp_seq != BEING_WRITTEN && self.gp_seq.get() == gp_seq {
                let tasks = (tasks != Tasks::NotTold as u64).then_some(tasks == Tasks::Yes as u64);
                return Some(Seen {
                    level,
                    first,
                    last,
                    gp_seq,
                    waited,
                    owing,
                    tasks,
                });
            }
            // It is being written, on another CPU.
            spin_loop();
        }
    }
}

impl Tree {
    pub(super) fn new() -> Result<Self> {
        Self::of(nr_cpu_ids() as usize)
    }

    /// A tree of so many CPUs, of which nothing is known yet.
    pub(super) fn of(cpus: usize) -> Result<Self> {
        let mut nodes = KVVec::with_capacity(LEVELS * cpus, GFP_KERNEL)?;
        for _ in 0..LEVELS * cpus {
            nodes.push(Node::default(), GFP_KERNEL)?;
        }
        Ok(Self { nodes, cpus })
    }

    pub(super) fn forget(&self) {
        for node in &self.nodes {
            node.end.set(0);
        }
    }

    #[inline]
    fn node(&self, level: usize, first: usize) -> Option<&Node> {
        if first >= self.cpus {
            return None;
        }
        self.nodes.get(level * self.cpus + first)
    }

    /// The nodes of a level within a range of CPUs, in order.
    pub(super) fn level(
        &self,
        level: usize,
        from: usize,
        to: usize,
    ) -> impl Iterator<Item = Seen> + '_ {
        (from..=to).filter_map(move |first| self.node(level, first)?.seen(level, first))
    }

    /// How many levels there are, as far as was seen.
    pub(super) fn levels(&self) -> usize {
        let last = self.cpus - 1;
        (0..LEVELS)
            .take_while(|level| self.level(*level, 0, last).next().is_some())
            .count()
    }
}

impl Tree {
    /// A grace period begins to wait for a node.
    #[inline]
    pub(super) fn begin(&self, level: usize, cpus: RangeInclusive<usize>, gp_seq: u64, mask: u64) {
        let Some(node) = self.node(level, *cpus.start()) else {
            return;
        };
        node.gp_seq.set(BEING_WRITTEN);
        smp_wmb();
        node.waited.set(mask);
        node.owing.set(mask);
        node.tasks.set(Tasks::NotTold as u64);
        node.end.set(*cpus.end() as u64 + 1);
        smp_wmb();
        node.gp_seq.set(gp_seq);
    }

    /// A node has changed: whom it still waits for.
    #[inline]
    pub(super) fn report(&self, level: usize, first: usize, mask: u64, tasks: bool) {
        if let Some(node) = self.node(level, first) {
            let tasks = if tasks { Tasks::Yes } else { Tasks::No };
            node.owing.set(mask);
            node.tasks.set(tasks as u64);
        }
    }
}

impl Probe<GracePeriodInit> for Counters {
    #[inline(always)]
    fn hit(&self, hit: GracePeriodInit) {
        let cpus = hit.first as usize..=hit.last as usize;
        self.tree
            .begin(hit.level.into(), cpus, hit.gp_seq as u64, hit.mask as u64);
    }
}

impl Probe<QuiescentStateReport> for Counters {
    #[inline(always)]
    fn hit(&self, hit: QuiescentStateReport) {
        let level = hit.level.into();
        self.tree
            .report(level, hit.first as usize, hit.mask as u64, hit.tasks != 0);
    }
}
