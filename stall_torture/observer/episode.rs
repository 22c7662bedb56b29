// SPDX-License-Identifier: GPL-2.0

//! One report of RCU's stall detector, read line by line.

use super::class::Class;
use kernel::{
    fmt,
    prelude::*, //
};
use wrappers::cpu::Context;

/// Who is stuck.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Who {
    Cpu(u64),
    Task(u64),
}

/// A report, from its first line to the one that says how long the grace period has lasted.
#[derive(Clone, Copy)]
pub(crate) struct Episode {
    pub(crate) class: Class,
    /// When its first line was stored, in nanoseconds of the monotonic clock.
    pub(crate) at: u64,
    /// The CPU that printed it.
    pub(crate) printed_by: u32,
    /// How long the grace period had lasted, as printed.
    pub(crate) jiffies: Option<u64>,
    context: Context,
    who: [Option<Who>; Self::MAX_WHO],
    /// Whether all its lines were read.
    closed: bool,
}

impl Episode {
    const MAX_WHO: usize = 8;

    /// Begins a report with its first line.
    pub(crate) fn new(class: Class, at: u64, cpu: u32, context: Context, header: &[u8]) -> Self {
        let mut episode = Self {
            class,
            at,
            printed_by: cpu,
            jiffies: None,
            context,
            who: [None; Self::MAX_WHO],
            closed: false,
        };
        match class {
            // All of it is in the header: `... { 1-...D P12 } 26 jiffies s: 61 root: 0x2/.`
            Class::Expedited => {
                let (who, rest) = split(after(header, b"{"), b"}");
                episode.add(who);
                episode.jiffies = number(after(rest, b" "));
                episode.closed = true;
            }
            // Neither CPUs nor a time follow.
            Class::Tasks | Class::Suppressed => episode.closed = true,
            _ => {}
        }
        episode
    }

    /// Whether what `context` prints now belongs to this report.
    pub(crate) fn is_open_in(&self, context: Context) -> bool {
        !self.closed && self.context == context
    }

    /// Reads one more line of the report.
    pub(crate) fn read(&mut self, line: &[u8]) {
        let Some(line) = line.strip_prefix(b"rcu: \t") else {
            return;
        };
        if line.starts_with(b"(") {
            // `(t=2100 jiffies g=...` or `(detected by 0, t=2102 jiffies, g=...`
            self.jiffies = number(after(line, b"t="));
            self.closed = true;
        } else if line.starts_with(b"Tasks blocked on level-") {
            // `Tasks blocked on level-0 rcu_node (CPUs 0-1): P123 P45/1:b..l`
            self.add(after(line, b"):"));
        } else if !after(line, b": (").is_empty() {
            // `1-....: (2099 ticks this GP) idle=...`
            self.add(split(line, b": (").0);
        }
    }

    /// Adds the CPUs and tasks of a list: `1-...D` is a CPU, `P12` a task.
    fn add(&mut self, list: &[u8]) {
        for name in list.split(|byte| *byte == b' ') {
            let who = match name.strip_prefix(b"P") {
                Some(pid) => number(pid).map(Who::Task),
                None => number(name).map(Who::Cpu),
            };
            if let Some(free) = self.who.iter_mut().find(|known| known.is_none()) {
                *free = who;
            }
        }
    }
}

/// Who is stuck: `cpu1`, `P123 P456`.
impl fmt::Display for Episode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, who) in self.who.iter().flatten().enumerate() {
            let space = if index > 0 { " " } else { "" };
            match who {
                Who::Cpu(cpu) => f.write_fmt(fmt!("{space}cpu{cpu}"))?,
                Who::Task(pid) => f.write_fmt(fmt!("{space}P{pid}"))?,
            }
        }
        Ok(())
    }
}

/// Splits `text` at the first `sign`, which is left out.
fn split<'a>(text: &'a [u8], sign: &[u8]) -> (&'a [u8], &'a [u8]) {
    match text.windows(sign.len()).position(|part| part == sign) {
        Some(at) => (&text[..at], &text[at + sign.len()..]),
        None => (text, b""),
    }
}

/// Returns what follows the first `sign`, which may be nothing.
fn after<'a>(text: &'a [u8], sign: &[u8]) -> &'a [u8] {
    split(text, sign).1
}

/// Returns the number that `text` begins with.
fn number(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    core::str::from_utf8(&text[..digits]).ok()?.parse().ok()
}

#[kunit_tests(rculab_episode)]
mod tests {
    use super::*;

    const IRQ: Context = Context::Hardirq(0);

    fn read(class: Class, lines: &[&str]) -> Episode {
        let mut episode = Episode::new(class, 0, 0, IRQ, lines[0].as_bytes());
        for line in &lines[1..] {
            assert!(episode.is_open_in(IRQ));
            episode.read(line.as_bytes());
        }
        assert!(!episode.is_open_in(IRQ));
        episode
    }

    #[test]
    fn a_cpu_that_reports_itself() {
        let episode = read(
            Class::SelfDetected,
            &[
                "rcu: INFO: rcu_preempt self-detected stall on CPU",
                "rcu: \t1-....: (20998 ticks this GP) idle=b164/1/0x4000000000000000 \
                 softirq=93/93 fqs=5249",
                "rcu: \t         hardirqs   softirqs   csw/system",
                "rcu: \t number:    10499          0            0",
                "rcu: \t(t=21002 jiffies g=-987 q=6 ncpus=2)",
            ],
        );
        assert_eq!(episode.who[..2], [Some(Who::Cpu(1)), None]);
        assert_eq!(episode.jiffies, Some(21002));
    }

    #[test]
    fn cpus_and_tasks_that_another_cpu_reports() {
        let episode = read(
            Class::Detected,
            &[
                "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
                "rcu: \t10-...0: (5 GPs behind) idle=0e2c/1/0x4000000000000002 softirq=1/1 fqs=6",
                "rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-15): P123 P45/1:b..l",
                "rcu: \t(detected by 3, t=5252 jiffies, g=-283, q=12 ncpus=16)",
            ],
        );
        assert_eq!(
            episode.who[..4],
            [
                Some(Who::Cpu(10)),
                Some(Who::Task(123)),
                Some(Who::Task(45)),
                None
            ]
        );
        assert_eq!(episode.jiffies, Some(5252));
    }

    #[test]
    fn an_expedited_grace_period() {
        let episode = read(
            Class::Expedited,
            &[
                "rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-...D P99 } \
                 26 jiffies s: 61 root: 0x2/.",
            ],
        );
        assert_eq!(
            episode.who[..3],
            [Some(Who::Cpu(1)), Some(Who::Task(99)), None]
        );
        assert_eq!(episode.jiffies, Some(26));
    }

    #[test]
    fn other_contexts_are_not_part_of_it() {
        let header = b"rcu: INFO: rcu_preempt self-detected stall on CPU";
        let episode = Episode::new(Class::SelfDetected, 0, 0, IRQ, header);
        assert!(!episode.is_open_in(Context::Hardirq(1)));
        assert!(!episode.is_open_in(Context::Nmi(0)));
    }
}
