// SPDX-License-Identifier: GPL-2.0

//! The file `rcuhier`: the tree that quiescent states climb, and who still owes one.

use super::{
    counter::{
        printed,
        Counter, //
    },
    counters::Counters, //
};
use core::fmt;
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
const LEVELS: usize = 4;

/// No grace period has this number: its state is none of the kernel's.
const BEING_WRITTEN: u64 = 3;

/// The nodes, each at the place of its level and its first CPU.
pub(super) struct Tree {
    nodes: KVVec<Node>,
    cpus: usize,
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
    /// Whether it waits for tasks that were preempted while they read.
    tasks: Counter,
}

/// What a node is like at one moment.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) level: usize,
    pub(super) first: usize,
    pub(super) last: usize,
    gp_seq: u64,
    waited: u64,
    owing: u64,
    tasks: bool,
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
                let tasks = tasks != 0;
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
        }
    }
}

impl Tree {
    pub(super) fn new() -> Result<Self> {
        let cpus = nr_cpu_ids() as usize;
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

impl Probe<GracePeriodInit> for Counters {
    #[inline]
    fn hit(&self, hit: GracePeriodInit) {
        let Some(node) = self.tree.node(hit.level.into(), hit.first as usize) else {
            return;
        };
        node.gp_seq.set(BEING_WRITTEN);
        smp_wmb();
        node.waited.set(hit.mask as u64);
        node.owing.set(hit.mask as u64);
        node.tasks.set(0);
        node.end.set(hit.last as u64 + 1);
        smp_wmb();
        node.gp_seq.set(hit.gp_seq as u64);
    }
}

impl Probe<QuiescentStateReport> for Counters {
    #[inline]
    fn hit(&self, hit: QuiescentStateReport) {
        if let Some(node) = self.tree.node(hit.level.into(), hit.first as usize) {
            node.owing.set(hit.mask as u64);
            node.tasks.set(hit.tasks as u64);
        }
    }
}

pub(super) fn show(counters: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let tree = &counters.tree;
    let levels = tree.levels();
    writeln!(
        f,
        "# waited, owing: a bit for each child, of a leaf for each CPU, from the first on"
    )?;
    writeln!(
        f,
        "# tasks: were preempted in a reader, and block the grace period"
    )?;
    counters.explain(f)?;
    writeln!(
        f,
        "{:>5} {:>5} {:>5} {:>10} {:>18} {:>18} {:>5}  tree",
        "level", "first", "last", "gp_seq", "waited", "owing", "tasks"
    )?;
    if counters.state(Some(())).0.is_none() {
        return writeln!(
            f,
            "{:>5} {:>5} {:>5} {:>10} {:>18} {:>18} {:>5}  -",
            "-", "-", "-", "-", "-", "-", "-"
        );
    }
    let drawing = Drawing {
        tree,
        leaf: levels.wrapping_sub(1),
    };
    tree.level(0, 0, tree.cpus - 1)
        .try_for_each(|root| drawing.node(f, &root, [""; LEVELS]))
}

struct Drawing<'a> {
    tree: &'a Tree,
    leaf: usize,
}

impl Drawing<'_> {
    /// Draws a node and, below it, its children. `lead` is what stands before it.
    fn node(
        &self,
        f: &mut fmt::Formatter<'_>,
        node: &Seen,
        lead: [&'static str; LEVELS],
    ) -> fmt::Result {
        let tasks = if node.tasks { "yes" } else { "no" };
        write!(
            f,
            "{:>5} {:>5} {:>5} {:>10} {:>#18x} {:>#18x} {tasks:>5}  ",
            node.level,
            node.first,
            node.last,
            printed(node.gp_seq),
            node.waited,
            node.owing,
        )?;
        lead.iter().try_for_each(|piece| f.write_str(piece))?;
        write!(f, "{}-{}", node.first, node.last)?;
        if node.level == self.leaf {
            for cpu in
                (node.first..=node.last).filter(|cpu| (node.owing >> (cpu - node.first)) & 1 == 1)
            {
                write!(f, " cpu{cpu}")?;
            }
            return writeln!(f);
        }
        writeln!(f)?;
        let mut children = self
            .tree
            .level(node.level + 1, node.first, node.last)
            .peekable();
        while let Some(child) = children.next() {
            let mut below = lead.map(|piece| match piece {
                "├─ " => "│  ",
                "└─ " => "   ",
                other => other,
            });
            below[node.level] = if children.peek().is_some() {
                "├─ "
            } else {
                "└─ "
            };
            self.node(f, &child, below)?;
        }
        Ok(())
    }
}
