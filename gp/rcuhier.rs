// SPDX-License-Identifier: GPL-2.0

//! The file `rcuhier`: the tree that quiescent states climb, and who still owes one.

use super::{
    counter::{
        printed,
        Known, //
    },
    counters::Counters,
    said::{
        self,
        Said, //
    },
    tree::{
        Seen,
        Tree,
        LEVELS, //
    }, //
};
use core::fmt::{
    self,
    Display, //
};

pub(super) fn show(counters: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for line in [
        "# gp_seq: of the grace period that waits for the node, or waited for it last",
        "# waited, owing: at its start, and now: a bit for each child, of a leaf for each CPU, from",
        "# the first on; tasks: preempted in a reader, they block the grace period, as was told last",
    ] {
        writeln!(f, "{line}")?;
    }
    counters.explain(f)?;
    let answer = counters.told();
    counters.explain_asking(&answer, f)?;
    let told = answer.whole();
    if told.is_some() {
        writeln!(
            f,
            "# as the kernel told: only nodes that wait, or want another one; -: it does not tell"
        )?;
    }
    writeln!(
        f,
        "{:>5} {:>5} {:>5} {:>10} {:>18} {:>18} {:>5}  tree",
        "level", "first", "last", "gp_seq", "waited", "owing", "tasks"
    )?;
    match told {
        Some(said) => show_told(said, f),
        None if counters.state(Some(())).0.is_some() => Drawing::of(&counters.tree).fmt(f),
        None => writeln!(
            f,
            "{:>5} {:>5} {:>5} {:>10} {:>18} {:>18} {:>5}  -",
            "-", "-", "-", "-", "-", "-", "-"
        ),
    }
}

/// Each node below those that it lies in: the kernel names parents first.
fn show_told(said: &Said, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (number, node) in said.nodes().enumerate() {
        let around = |other: &said::Node| other.first <= node.first && node.last <= other.last;
        let depth = said.nodes().take(number).filter(around).count();
        writeln!(
            f,
            "{:>5} {:>5} {:>5} {:>10} {:>18} {:>#18x} {:>5}  {:indent$}{}-{}",
            "-",
            node.first,
            node.last,
            node.gp_seq,
            "-",
            node.owing,
            yes(node.tasks),
            "",
            node.first,
            node.last,
            indent = 3 * depth,
        )?;
    }
    Ok(())
}

fn yes(yes: bool) -> &'static str {
    if yes {
        "yes"
    } else {
        "no"
    }
}

struct Drawing<'a> {
    tree: &'a Tree,
    leaf: usize,
}

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tree
            .level(0, 0, self.tree.cpus - 1)
            .try_for_each(|root| self.node(f, &root, [""; LEVELS]))
    }
}

impl<'a> Drawing<'a> {
    fn of(tree: &'a Tree) -> Self {
        let leaf = tree.levels().wrapping_sub(1);
        Self { tree, leaf }
    }

    /// Draws a node and, below it, its children. `lead` is what stands before it.
    fn node(
        &self,
        f: &mut fmt::Formatter<'_>,
        node: &Seen,
        lead: [&'static str; LEVELS],
    ) -> fmt::Result {
        let tasks = Known(node.tasks.map(yes));
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
            if node.tasks == Some(true) {
                write!(f, " tasks")?;
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

#[cfg(CONFIG_KUNIT = "y")]
#[kernel::prelude::kunit_tests(rculab_gp_tree)]
mod tests {
    use super::*;
    use kernel::{
        prelude::*,
        str::CString, //
    };

    /// The drawings, line by line, without the columns before them.
    fn assert_drawn(tree: &Tree, expected: &[&str]) -> Result {
        let text = CString::try_from_fmt(format_args!("{}", Drawing::of(tree)))?;
        let text = text.to_str()?;
        assert_eq!(text.lines().count(), expected.len());
        for (line, expected) in text.lines().zip(expected) {
            // Numbers and words of the columns are ASCII.
            assert_eq!(line.get(74..), Some(*expected));
        }
        Ok(())
    }

    #[test]
    fn a_leaf_names_its_cpus() -> Result {
        let tree = Tree::of(4)?;
        tree.begin(0, 0..=3, 9, 0xf);
        assert_drawn(&tree, &["0-3 cpu0 cpu1 cpu2 cpu3"])?;
        tree.report(0, 0, 0x4, false);
        assert_drawn(&tree, &["0-3 cpu2"])
    }

    #[test]
    fn levels_lie_below_one_another() -> Result {
        let tree = Tree::of(8)?;
        tree.begin(0, 0..=7, 9, 0x3);
        for (first, parent) in [(0, 0), (4, 4)] {
            tree.begin(1, parent..=parent + 3, 9, 0x3);
            tree.begin(2, first..=first + 1, 9, 0x3);
            tree.begin(2, first + 2..=first + 3, 9, 0x3);
        }
        tree.report(2, 0, 0, true);
        tree.report(2, 2, 0x2, false);
        tree.report(2, 6, 0, false);
        tree.report(1, 4, 0x1, false);
        assert_drawn(
            &tree,
            &[
                "0-7",
                "├─ 0-3",
                "│  ├─ 0-1 tasks",
                "│  └─ 2-3 cpu3",
                "└─ 4-7",
                "   ├─ 4-5 cpu4 cpu5",
                "   └─ 6-7",
            ],
        )
    }

    #[test]
    fn tasks_are_known_once_an_event_told() -> Result {
        let tree = Tree::of(2)?;
        let tasks = || tree.level(0, 0, 1).next().map(|node| node.tasks);
        tree.begin(0, 0..=1, 9, 0x3);
        assert_eq!(tasks(), Some(None));
        tree.report(0, 0, 0, true);
        assert_eq!(tasks(), Some(Some(true)));
        tree.report(0, 0, 0, false);
        assert_eq!(tasks(), Some(Some(false)));
        Ok(())
    }
}
