// SPDX-License-Identifier: GPL-2.0

//! One report: everything that the kernel said after one stall header.

mod take;

use crate::fact::{Blocked, Companion, Cpu, Expedited, Header, Summary};
use crate::hz::Hz;
use crate::model::{Kind, Quote};
use crate::stack::{Stack, Verdict};
use crate::transport::Line;

/// Bounds of what one report keeps.
const MAX_DUMPS: usize = 40;
const MAX_CPUS: usize = 4096;
const MAX_QUOTES: usize = 48;
/// A report keeps the words of so many other watchdogs.
pub(crate) const MAX_COMPANIONS: usize = 8;
/// A quoted line is cut to so many characters.
const MAX_TEXT: usize = 240;

/// Whose stack a dump is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A CPU's.
    Cpu(u32),
    /// A task's.
    Task(Option<u32>),
    /// The reporter's, or not said.
    Unsaid,
    /// The grace-period kthread's.
    Kthread,
    /// The CPU's on which the grace-period kthread ran last.
    KthreadCpu(Option<u32>),
    /// Another watchdog's.
    Foreign,
}

/// One stack.
#[derive(Clone, Debug)]
pub struct Dump {
    /// Whose.
    pub owner: Owner,
    /// Its frames, until the report is finished.
    pub stack: Stack,
    /// What it says, when the report is finished.
    pub verdict: Verdict,
    /// The lines they stood on.
    pub quotes: Vec<Quote>,
    /// The CPU was idle, and left out for that.
    pub skipped: bool,
    /// The task's name.
    pub comm: Option<String>,
    /// The task's state.
    pub state: Option<char>,
    /// The function that a kworker runs.
    pub work: Option<String>,
}

/// What a quoted line was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The header.
    Header,
    /// A CPU.
    Cpu,
    /// Tasks.
    Blocked,
    /// The end of the head.
    Summary,
    /// The grace-period kthread.
    Kthread,
    /// Its timer.
    Timer,
    /// Nobody is waited for.
    AllSeen,
    /// It was over.
    Ended,
    /// An offline CPU.
    Offline,
    /// The CPU time table.
    Table,
    /// An idle CPU.
    Idle,
    /// A task of Tasks RCU.
    Holdout,
}

/// Everything one report says.
#[derive(Clone, Debug)]
pub struct Report {
    /// The header's line.
    pub line: u64,
    /// The header's time.
    pub time: Option<f64>,
    /// The machine.
    pub source: Option<String>,
    /// The header.
    pub header: Header,
    /// CPUs waited for, in the order printed.
    pub cpus: Vec<u32>,
    /// Tasks waited for, in the order printed.
    pub tasks: Vec<Blocked>,
    /// The CPUs' lines.
    pub cpu_lines: Vec<Cpu>,
    /// The head's end.
    pub summary: Option<Summary>,
    /// The same of an expedited report.
    pub expedited: Option<Expedited>,
    /// The grace-period kthread does not run: jiffies, CPU, state.
    pub starved: Option<(i64, Option<i64>, String)>,
    /// Its timer did not fire.
    pub timer: Option<i64>,
    /// The kthread's state, as that line says.
    pub timer_state: String,
    /// Where that timer is.
    pub timer_cpu: Option<(u32, u64)>,
    /// Nobody is waited for.
    pub all_seen: Option<i64>,
    /// It was over while it was reported.
    pub ended: bool,
    /// An offline CPU is waited for.
    pub offline: Option<u32>,
    /// The CPU time table.
    pub counts: Option<[u64; 3]>,
    /// Its times.
    pub times: Option<[u64; 4]>,
    /// Stacks.
    pub dumps: Vec<Dump>,
    /// Lines that a verdict may quote.
    pub quotes: Vec<(About, Quote)>,
    /// What other watchdogs said around it.
    pub companions: Vec<(Companion, Quote)>,
    /// Whether the first CPU took the interrupt by which an expedited grace period asked it.
    pub answered: Option<bool>,
    /// The CPU that is waited for reported itself, too: it takes ticks.
    pub reported_itself: bool,
    /// Lines of several CPUs were mixed.
    pub interleaved: bool,
    /// A line of it is broken: other text came into it, or a part was lost.
    pub broken: bool,
    /// The tick rate, as far as this log's boot messages told.
    pub hz: Option<Hz>,

    pub(crate) caller: Option<String>,
    pub(crate) list_open: bool,
    /// Lines of CPUs, of which one may be that of the CPU that reports itself.
    maybe: Vec<(Cpu, Quote)>,
    /// So many lines said nothing since.
    pub(crate) silent: u32,
    /// So many of them since the last frame of a stack.
    gap: u32,
    /// The trace of a stack begins that nobody announced.
    trace: bool,
    /// Nothing more can belong to it.
    pub(crate) over: bool,
    pub(crate) confirmed: bool,
    /// Words follow its header: they are another's, or it is talk.
    pub(crate) doubted: bool,
    /// Where what the kernel printed begins, in a log whose prefix is not known.
    pub(crate) column: Option<usize>,
    expect: Option<Owner>,
}

impl Report {
    pub(crate) fn new(no: u64, header: Header, line: &Line<'_>, quote: Quote) -> Self {
        let mut report = Self {
            line: no,
            time: line.time,
            source: line.source.clone(),
            cpus: header.cpu.into_iter().collect(),
            tasks: Vec::new(),
            cpu_lines: Vec::new(),
            summary: None,
            expedited: None,
            starved: None,
            timer: None,
            timer_state: String::new(),
            timer_cpu: None,
            all_seen: None,
            ended: false,
            offline: None,
            counts: None,
            times: None,
            dumps: Vec::new(),
            quotes: vec![(About::Header, quote)],
            companions: Vec::new(),
            answered: None,
            reported_itself: false,
            interleaved: line.torn,
            broken: false,
            hz: None,
            caller: line.caller.clone(),
            list_open: header.list,
            maybe: Vec::new(),
            silent: 0,
            gap: 0,
            trace: false,
            over: false,
            confirmed: line.stamped || header.elapsed.is_some() || header.suppressed,
            doubted: false,
            column: None,
            expect: None,
            header,
        };
        if report.header.elapsed.is_some() {
            report.summary = Some(Summary {
                elapsed: report.header.elapsed,
                callbacks: report.header.callbacks,
                ..Summary::default()
            });
        }
        report
    }

    /// The head has come to its end.
    pub(crate) fn whole(&self) -> bool {
        match self.header.kind {
            Kind::SelfDetected | Kind::Detected => self.summary.is_some() || self.header.suppressed,
            Kind::Expedited => self.expedited.is_some() || self.header.suppressed,
            Kind::Tasks => true,
        }
    }

    /// Its head has at least begun.
    pub(crate) fn begun(&self) -> bool {
        !(self.cpus.is_empty() && self.tasks.is_empty() && self.quotes.len() < 2)
    }

    /// The log ended before the report's head did.
    #[must_use]
    pub fn truncated(&self) -> bool {
        !self.whole()
    }

    /// Parts of it are lost, as its own other parts tell.
    #[must_use]
    pub fn torn(&self) -> bool {
        self.broken
            || self.nobody_told()
            || self.kthread_untold()
            || self.task_untold()
            || self.counts.is_some() != self.times.is_some()
    }

    /// Another CPU reported, and neither whom it waits for nor that it waits for nobody.
    fn nobody_told(&self) -> bool {
        let nobody = self.cpus.is_empty() && self.tasks.is_empty() && self.all_seen.is_none();
        let detected = self.header.kind == Kind::Detected && !self.header.list;
        detected && self.summary.is_some() && nobody && !self.ended && self.offline.is_none()
    }

    /// Tasks are waited for, and a stack comes that nobody announced.
    fn task_untold(&self) -> bool {
        let first = self.dumps.first();
        let unsaid = first.is_some_and(|dump| dump.owner == Owner::Unsaid && dump.comm.is_none());
        !self.tasks.is_empty() && unsaid
    }

    /// Where the grace-period kthread is, but not that it does not run.
    fn kthread_untold(&self) -> bool {
        let placed = |dump: &Dump| matches!(dump.owner, Owner::Kthread | Owner::KthreadCpu(_));
        let about = self.timer.is_some() || self.dumps.iter().any(placed);
        about && self.starved.is_none() || self.timer_cpu.is_some() && self.timer.is_none()
    }

    /// Its machine's kernels have 100 jiffies a second: it is an s390.
    pub(crate) fn slow(&self) -> bool {
        let of_s390 = |text: &str| text.contains("ext_int_handler") || text.contains("Krnl PSW");
        let mut quotes = self.dumps.iter().flat_map(|dump| &dump.quotes);
        quotes.any(|quote| of_s390(&quote.text))
    }

    /// Jiffies since the grace period began.
    #[must_use]
    pub fn elapsed(&self) -> Option<i64> {
        match &self.expedited {
            Some(expedited) => Some(expedited.elapsed),
            None => self.summary.as_ref()?.elapsed,
        }
    }

    /// The grace period.
    #[must_use]
    pub fn gp_seq(&self) -> Option<i64> {
        match &self.expedited {
            Some(expedited) => expedited.seq,
            None => self.summary.as_ref()?.gp_seq,
        }
    }

    /// An old kernel's header, whose list in braces another CPU's output may have put off.
    pub(crate) fn lacks_list(&self) -> bool {
        matches!(self.header.kind, Kind::SelfDetected | Kind::Detected)
            && !self.header.list
            && self.cpus.is_empty()
            && !self.whole()
    }

    /// The grace-period kthread that does not run: jiffies, CPU, state.
    ///
    /// Where the line that says so is lost, that of its timer tells the same.
    #[must_use]
    pub fn kthread(&self) -> Option<(i64, Option<i64>, &str)> {
        let starved = self.starved.as_ref();
        let starved = starved.map(|(jiffies, cpu, state)| (*jiffies, *cpu, state.as_str()));
        starved.or_else(|| {
            let cpu = self.timer_cpu.map(|(cpu, _)| i64::from(cpu));
            Some((self.timer?, cpu, self.timer_state.as_str()))
        })
    }

    /// The grace-period kthread sleeps on, and was not woken.
    #[must_use]
    pub fn kthread_sleeps(&self) -> bool {
        let Some((.., state)) = self.kthread() else {
            return false;
        };
        match state {
            "0x1" | "0x2" | "0x402" | "S" | "D" | "I" => true,
            "0x200" | "0x0" | "R" => false,
            _ => self.timer.is_some(),
        }
    }
}

/// What a verdict may quote of a line.
pub(crate) fn cut(line: u64, text: &str) -> Quote {
    Quote {
        line,
        text: if text.len() <= MAX_TEXT {
            text.to_owned()
        } else {
            text.chars().take(MAX_TEXT).collect()
        },
    }
}
