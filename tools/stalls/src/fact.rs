// SPDX-License-Identifier: GPL-2.0

//! What the kernel prints about a stall, one line at a time.
//!
//! Each pattern is the reading of one format string, of whatever age; a newer kernel's extra
//! field is optional. The formats are those of `kernel/rcu/tree_stall.h`, `tree_exp.h`,
//! `tasks.h` and of their ancestors `kernel/rcutree.c`, `rcutree_plugin.h` and `rcutiny.c`.

mod detail;
mod format;
mod head;
mod rest;

use regex::Captures;

use crate::model::Kind;

pub use format::{ANCHORS, LEFT_OF_HEADER};
pub use head::{expedited, list};
pub use rest::{
    begins, broken, clean, cut_before_time, doubled, inner_header, kthread, leftover, only_prefix,
    unfinished,
};

use detail::{companion, other};
use format::PREFIX;
use head::{cpu, info, summary};

/// The line that begins a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// How it was reported.
    pub kind: Kind,
    /// The flavour, as printed.
    pub flavor: String,
    /// A list in braces follows.
    pub list: bool,
    /// The CPU, where the header itself names it.
    pub cpu: Option<u32>,
    /// The elapsed time, where the header itself gives it.
    pub elapsed: Option<i64>,
    /// Ticks, where the header itself gives them (Tiny RCU).
    pub ticks: Option<u64>,
    /// Callbacks queued, where the header itself gives them (Tiny RCU).
    pub callbacks: Option<u64>,
    /// The report is suppressed, since a cross-call is stuck.
    pub suppressed: bool,
}

/// One CPU's line.
#[derive(Clone, Debug, PartialEq)]
pub struct Cpu {
    /// Its number.
    pub cpu: u32,
    /// Three characters before 4.16, then four.
    pub flags: String,
    /// The number in parentheses.
    pub value: u64,
    /// It counts grace periods, not ticks.
    pub behind: bool,
    /// Nesting of the base context; zero is idle or user mode.
    pub nesting: Option<i128>,
    /// Nesting of interrupts.
    pub nmi_nesting: Option<i128>,
    /// RCU softirqs at the grace period's start, and now.
    pub softirq: Option<(u64, u64)>,
    /// Scans by the grace-period kthread.
    pub fqs: Option<i64>,
    /// How long this CPU's rcuc kthread did not run.
    pub rcuc: Option<i64>,
    /// The kernel itself doubts.
    pub false_positive: bool,
}

impl Cpu {
    /// The fourth flag, which says whether irq work ran: a digit, `.` or `!`.
    #[must_use]
    pub fn irq_work(&self) -> Option<char> {
        self.flags
            .chars()
            .nth(3)
            .filter(|flag| flag.is_ascii_digit() || matches!(flag, '.' | '!'))
    }

    /// It is idle, or runs user code: no reader of its base context can be there.
    #[must_use]
    pub fn idle(&self) -> bool {
        self.nesting == Some(0)
    }

    /// So many interrupts are open on top of its idle loop.
    ///
    /// Before 4.15 they are counted with tasks, which weigh far more; since then by `nmi_nesting`,
    /// where the first counts one and any other two.
    #[must_use]
    pub fn above_idle(&self) -> i128 {
        const TASK: i128 = 1 << 40;
        match (self.nesting, self.nmi_nesting) {
            (Some(0), Some(level)) if level < TASK => (level + 1) / 2,
            (Some(level), Some(0)) if level < TASK => level,
            _ => 0,
        }
    }

    /// It took hardly a tick of its own in a grace period that lasts for `elapsed` jiffies.
    #[must_use]
    pub fn few_ticks(&self, elapsed: u64) -> bool {
        !self.behind && self.value <= 5 + elapsed / 50
    }

    /// Its tick is off, if it runs at all: it lacks hundreds.
    #[must_use]
    pub fn lost_its_tick(&self, elapsed: u64) -> bool {
        self.few_ticks(elapsed) && elapsed > 500
    }

    /// It was offline.
    #[must_use]
    pub fn offline(&self) -> bool {
        self.flags.starts_with('O')
    }
}

/// A task that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Its PID.
    pub pid: u32,
    /// It was looked at, hence did not run: reader nesting and flags.
    pub off_cpu: Option<(i64, String)>,
}

/// The line that ends a report's head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The reporter.
    pub detected_by: Option<i64>,
    /// Jiffies since the grace period began.
    pub elapsed: Option<i64>,
    /// The grace period.
    pub gp_seq: Option<i64>,
    /// Callbacks queued on all CPUs.
    pub callbacks: Option<u64>,
    /// CPUs online.
    pub ncpus: Option<u32>,
    /// Its end is missing.
    pub torn: bool,
}

/// The end of an expedited report's list.
#[derive(Clone, Debug, PartialEq)]
pub struct Expedited {
    /// Jiffies since it began.
    pub elapsed: i64,
    /// Its number.
    pub seq: Option<i64>,
}

/// What other watchdogs say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Companion {
    /// A CPU did not schedule.
    SoftLockup,
    /// A CPU took no interrupt.
    HardLockup,
    /// A task slept too long.
    HungTask,
    /// A workqueue made no progress.
    WorkqueueLockup,
    /// A cross-call is stuck.
    Csd,
    /// Real-time tasks took their whole share.
    RtThrottling,
    /// A clock went wrong.
    Clocksource,
    /// Memory ran out.
    Oom,
    /// An hrtimer callback took long.
    Hrtimer,
    /// printk lost lines.
    Dropped,
    /// The grace-period kthread was kicked.
    Kick,
    /// A grace period of Tasks RCU takes long.
    TasksWait,
    /// A grace period does not start.
    GpStart,
}

/// What one line says.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// A report begins.
    Header(Header),
    /// A CPU is waited for.
    Cpu(Cpu),
    /// Tasks are waited for.
    Blocked(Vec<Blocked>),
    /// CPUs and tasks in braces; closed or to be continued.
    List {
        /// CPUs.
        cpus: Vec<u32>,
        /// Whether the first CPU took the interrupt by which it was asked, where that is printed.
        answered: Option<bool>,
        /// Tasks.
        tasks: Vec<u32>,
        /// The brace is closed.
        closed: bool,
    },
    /// The head ends.
    Summary(Summary),
    /// The head of an expedited report ends.
    Expedited(Expedited),
    /// The grace-period kthread does not run: for how long, and on which CPU.
    Starved {
        /// Jiffies.
        jiffies: i64,
        /// Where it ran last.
        cpu: Option<i64>,
        /// Its state, as printed.
        state: String,
    },
    /// Its timer did not fire.
    TimerWakeup {
        /// Jiffies.
        jiffies: i64,
        /// The kthread's state, as printed.
        state: String,
    },
    /// Where that timer was queued.
    TimerCpu {
        /// The CPU.
        cpu: u32,
        /// Its count of timer softirqs.
        softirqs: u64,
    },
    /// Nobody is waited for: jiffies since the grace-period kthread ran.
    AllSeen {
        /// Jiffies.
        idle: i64,
    },
    /// It was over while it was reported.
    Ended,
    /// An offline CPU is waited for.
    OfflineCpu(u32),
    /// The grace-period kthread ran last on an offline CPU.
    KthreadOffline(u32),
    /// The CPU time table's counts.
    Counts([u64; 3]),
    /// The CPU time table's times in ms, and the period.
    Times([u64; 4]),
    /// The holdout of a Tasks RCU report, by its PID where that is printed.
    Holdout(Option<u32>),
    /// The stack of the grace-period kthread follows.
    KthreadStack,
    /// The stack of the CPU it ran on last follows.
    KthreadCpuStack,
    /// A CPU's stack follows.
    CpuStack(u32),
    /// A CPU's stack is left out, since it is idle.
    CpuIdle(u32),
    /// Which CPU and task a stack belongs to.
    On {
        /// The CPU, where it is said.
        cpu: Option<u32>,
        /// The task.
        pid: u32,
        /// Its name.
        comm: String,
    },
    /// A task's stack follows.
    Task {
        /// Its name.
        comm: String,
        /// Its state.
        state: char,
        /// Its PID.
        pid: Option<u32>,
    },
    /// Which work a kworker runs.
    Work(String),
    /// A crash begins, whose stacks are its own.
    Foreign,
    /// The frames of a stack follow.
    Trace,
    /// Anything else that belongs to a report.
    Detail,
    /// Another watchdog's word.
    Companion(Companion),
}

fn number<T: std::str::FromStr>(found: &Captures<'_>, group: usize) -> Option<T> {
    found.get(group)?.as_str().parse().ok()
}

/// A grace period's number, which some kernels print without its sign.
#[expect(clippy::cast_possible_wrap, reason = "it is meant to wrap")]
fn signed(found: &Captures<'_>, group: usize) -> Option<i64> {
    number(found, group).or_else(|| number::<u64>(found, group).map(|number| number as i64))
}

fn text(found: &Captures<'_>, group: usize) -> String {
    found.get(group).map_or("", |text| text.as_str()).to_owned()
}

fn end(found: &Captures<'_>) -> usize {
    found.get(0).map_or(0, |whole| whole.end())
}

/// Reads what `line` begins with, and gives what comes after it.
///
/// A line may hold several facts: an old kernel prints the head of a report on one line, and two
/// CPUs may print into one.
#[must_use]
pub fn read(line: &str) -> Option<(Fact, &str)> {
    let line = line.trim_start();
    let line = PREFIX
        .find(line)
        .map_or(line, |prefix| &line[prefix.end()..]);
    if frame(line) {
        return None;
    }
    let (fact, length) = match line.bytes().next()? {
        b'I' => info(line).or_else(|| companion(line))?,
        b'(' => summary(line).or_else(|| other(line))?,
        b'0'..=b'9' => cpu(line).or_else(|| other(line))?,
        _ => other(line)?,
    };
    Some((fact, line[length..].trim_start()))
}

/// Reads a header out of `line`.
#[must_use]
pub fn header(line: &str) -> Option<(Header, &str)> {
    match read(line)? {
        (Fact::Header(header), rest) => Some((header, rest)),
        _ => None,
    }
}

/// Whether a line is one of a stack, as most lines of a report are.
fn frame(line: &str) -> bool {
    let line = line.trim_start_matches("? ").as_bytes();
    let word = &line[..memchr::memchr(b' ', line).unwrap_or(line.len())];
    memchr::memmem::find(word, b"+0x").is_some()
}
