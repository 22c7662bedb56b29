// SPDX-License-Identifier: GPL-2.0

//! Putting lines together again.
//!
//! A line that the kernel prints with `pr_cont()` arrives in pieces, without level, newline or any
//! other sign of belonging together, and other contexts print in between. What can be known: a
//! context never has two unfinished lines, and few lines of a stall report begin unfinished.

use super::ring::Record;
use kernel::prelude::*;
use wrappers::cpu::Context;

/// A line that is known to be continued.
struct Unfinished {
    /// What its first piece contains, and how it ends.
    has: &'static str,
    ends: &'static str,
}

/// As in `kernel/rcu/tree_stall.h` and `kernel/rcu/tree_exp.h`.
const UNFINISHED: &[Unfinished] = &[
    Unfinished {
        has: "\tTasks blocked on level-",
        ends: "):",
    },
    Unfinished {
        has: " detected expedited stalls on CPUs/tasks:",
        ends: " {",
    },
    Unfinished {
        has: "blocking rcu_node structures",
        ends: "):",
    },
];

/// The piece that closes the list of an expedited stall begins so.
const CLOSES: &[u8] = b" }";

/// Lines in the making, one a context.
pub(crate) struct Lines {
    open: KVec<Record>,
}

impl Lines {
    /// More contexts than this never print at once; if they do, the oldest line ends early.
    const MAX_OPEN: usize = 16;

    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            open: KVec::with_capacity(Self::MAX_OPEN, GFP_KERNEL)?,
        })
    }

    /// Takes a piece, and gives each line that is now whole to `whole`.
    ///
    /// A line has the time and place of its first piece.
    pub(crate) fn feed(&mut self, piece: &Record, mut whole: impl FnMut(&Record)) {
        if let Some(index) = self.find(piece.context) {
            let text = piece.text.as_bytes();
            let continues = text.is_empty() || text.starts_with(b" ");
            if continues {
                self.open[index].text.push(text);
                if !text.is_empty() && !text.starts_with(CLOSES) {
                    return;
                }
            }
            self.end(index, &mut whole);
            if continues {
                return;
            }
        }

        if !is_unfinished(piece.text.as_bytes()) {
            return whole(piece);
        }
        if self.open.len() == Self::MAX_OPEN {
            self.end(0, &mut whole);
        }
        if self.open.push_within_capacity(*piece).is_err() {
            whole(piece);
        }
    }

    /// Gives the lines that were never finished to `whole`.
    pub(crate) fn finish(&mut self, mut whole: impl FnMut(&Record)) {
        while !self.open.is_empty() {
            self.end(0, &mut whole);
        }
    }

    fn find(&self, context: Context) -> Option<usize> {
        self.open.iter().position(|line| line.context == context)
    }

    fn end(&mut self, index: usize, whole: &mut impl FnMut(&Record)) {
        if let Ok(line) = self.open.remove(index) {
            whole(&line);
        }
    }
}

fn is_unfinished(text: &[u8]) -> bool {
    UNFINISHED
        .iter()
        .any(|line| text.ends_with(line.ends.as_bytes()) && contains(text, line.has))
}

/// Returns whether `text` contains `needle`.
pub(crate) fn contains(text: &[u8], needle: &str) -> bool {
    text.windows(needle.len())
        .any(|part| part == needle.as_bytes())
}

#[kunit_tests(rculab_lines)]
mod tests {
    use super::*;
    use crate::observer::text::Text;

    fn piece(context: Context, text: &str) -> Record {
        Record {
            at: 0,
            cpu: 0,
            context,
            text: Text::new(text.as_bytes()),
        }
    }

    /// Feeds pieces and returns the whole lines, a newline after each.
    fn lines(pieces: &[(Context, &str)]) -> Result<KVec<u8>> {
        let mut lines = Lines::new()?;
        let mut text = KVec::with_capacity(1024, GFP_KERNEL)?;
        let mut add = |line: &Record| {
            // The capacity is far more than these tests need.
            let _ = text.extend_from_slice(line.text.as_bytes(), GFP_KERNEL);
            let _ = text.push(b'\n', GFP_KERNEL);
        };
        for (context, text) in pieces {
            lines.feed(&piece(*context, text), &mut add);
        }
        lines.finish(&mut add);
        Ok(text)
    }

    const TASK: Context = Context::Task(7);
    const IRQ: Context = Context::Hardirq(0);
    const OTHER_IRQ: Context = Context::Hardirq(1);
    const NMI: Context = Context::Nmi(0);

    #[test]
    fn a_finished_line_is_whole_at_once() -> Result {
        assert_eq!(
            &lines(&[(TASK, "one"), (TASK, " two"), (TASK, "")])?[..],
            b"one\n two\n\n"
        );
        Ok(())
    }

    #[test]
    fn blocked_tasks_are_put_together() -> Result {
        let got = lines(&[
            (IRQ, "rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1):"),
            (IRQ, " P123"),
            (IRQ, " P45/1:b..l"),
            (IRQ, ""),
            (IRQ, "after"),
        ])?;
        assert_eq!(
            &got[..],
            b"rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1): P123 P45/1:b..l\nafter\n"
        );
        Ok(())
    }

    #[test]
    fn an_expedited_header_ends_with_its_brace() -> Result {
        let got = lines(&[
            (
                TASK,
                "rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: {",
            ),
            (TASK, " 1-...D"),
            (TASK, " } 26 jiffies s: 61 root: 0x2/."),
            (TASK, " not a part of it"),
        ])?;
        assert_eq!(
            &got[..],
            b"rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-...D } \
              26 jiffies s: 61 root: 0x2/.\n not a part of it\n"
        );
        Ok(())
    }

    #[test]
    fn two_contexts_at_once_stay_apart() -> Result {
        let got = lines(&[
            (IRQ, "rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1):"),
            (
                OTHER_IRQ,
                "rcu: \tTasks blocked on level-1 rcu_node (CPUs 2-3):",
            ),
            (IRQ, " P1"),
            (OTHER_IRQ, " P2"),
            (NMI, "NMI backtrace for cpu 1"),
            (OTHER_IRQ, ""),
            (IRQ, " P3"),
            (IRQ, ""),
        ])?;
        assert_eq!(
            &got[..],
            b"NMI backtrace for cpu 1\n\
              rcu: \tTasks blocked on level-1 rcu_node (CPUs 2-3): P2\n\
              rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1): P1 P3\n"
        );
        Ok(())
    }

    #[test]
    fn a_line_that_is_never_finished_ends_where_the_next_begins() -> Result {
        let got = lines(&[
            (IRQ, "rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1):"),
            (IRQ, " P1"),
            (IRQ, "something else"),
            (NMI, "rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1):"),
        ])?;
        assert_eq!(
            &got[..],
            b"rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1): P1\nsomething else\n\
              rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1):\n"
        );
        Ok(())
    }

    #[test]
    fn too_many_open_lines_end_the_oldest() -> Result {
        let mut lines = Lines::new()?;
        let mut whole = 0;
        for pid in 0..Lines::MAX_OPEN as i32 + 3 {
            let piece = piece(Context::Task(pid), "\tTasks blocked on level-0 (CPUs 0-1):");
            lines.feed(&piece, |_| whole += 1);
        }
        assert_eq!(whole, 3);
        lines.finish(|_| whole += 1);
        assert_eq!(whole, Lines::MAX_OPEN + 3);
        Ok(())
    }
}
