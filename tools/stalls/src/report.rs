// SPDX-License-Identifier: GPL-2.0

//! One report: everything that the kernel said after one stall header.

use crate::fact::{Blocked, Companion, Cpu, Expedited, Fact, Header, Summary};
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
    /// Lines of several CPUs were mixed.
    pub interleaved: bool,
    /// The tick rate, as far as this log's boot messages told.
    pub hz: Option<Hz>,

    pub(crate) caller: Option<String>,
    pub(crate) list_open: bool,
    /// So many lines said nothing since.
    pub(crate) silent: u32,
    /// Nothing more can belong to it.
    pub(crate) over: bool,
    pub(crate) confirmed: bool,
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
            timer_cpu: None,
            all_seen: None,
            ended: false,
            offline: None,
            counts: None,
            times: None,
            dumps: Vec::new(),
            quotes: vec![(About::Header, quote)],
            companions: Vec::new(),
            interleaved: line.torn,
            hz: None,
            caller: line.caller.clone(),
            list_open: header.list,
            silent: 0,
            over: false,
            confirmed: line.stamped || header.elapsed.is_some() || header.suppressed,
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

    /// The grace-period kthread sleeps on, and was not woken.
    #[must_use]
    pub fn kthread_sleeps(&self) -> bool {
        let Some((.., state)) = &self.starved else {
            return false;
        };
        match state.as_str() {
            "0x1" | "0x2" | "0x402" | "S" | "D" | "I" => true,
            "0x200" | "0x0" | "R" => false,
            _ => self.timer.is_some(),
        }
    }

    fn quote(&mut self, about: About, quote: Quote) {
        if self.quotes.len() < MAX_QUOTES {
            self.quotes.push((about, quote));
        }
    }

    fn wait_for_cpu(&mut self, cpu: u32) {
        if !self.cpus.contains(&cpu) && self.cpus.len() < MAX_CPUS {
            self.cpus.push(cpu);
        }
    }

    fn wait_for_task(&mut self, task: Blocked) {
        if !self.tasks.iter().any(|known| known.pid == task.pid) && self.tasks.len() < MAX_CPUS {
            self.tasks.push(task);
        }
    }

    pub(crate) fn dump(&mut self, owner: Owner) -> &mut Dump {
        if self.dumps.len() >= MAX_DUMPS {
            // The first stacks are those of what is waited for.
            self.dumps.pop();
        }
        self.dumps.push(Dump {
            owner,
            stack: Stack::default(),
            verdict: Verdict::default(),
            quotes: Vec::new(),
            skipped: false,
            comm: None,
            state: None,
            work: None,
        });
        let last = self.dumps.len() - 1;
        &mut self.dumps[last]
    }

    /// Takes a fact that is not a header.
    pub(crate) fn take(&mut self, fact: Fact, quote: Quote) {
        match fact {
            Fact::Header(_) | Fact::Companion(_) | Fact::Detail => {}
            Fact::Cpu(cpu) => {
                self.wait_for_cpu(cpu.cpu);
                self.quote(About::Cpu, quote);
                if self.cpu_lines.len() < MAX_CPUS {
                    self.cpu_lines.push(cpu);
                }
            }
            Fact::Blocked(tasks) => {
                self.quote(About::Blocked, quote);
                tasks.into_iter().for_each(|task| self.wait_for_task(task));
            }
            Fact::List {
                cpus,
                tasks,
                closed,
            } => {
                cpus.into_iter().for_each(|cpu| self.wait_for_cpu(cpu));
                for pid in tasks {
                    self.wait_for_task(Blocked { pid, off_cpu: None });
                }
                self.list_open = !closed;
            }
            Fact::Summary(summary) => {
                self.list_open = false;
                self.quote(About::Summary, quote);
                self.summary = Some(summary);
            }
            Fact::Expedited(expedited) => self.expedited = Some(expedited),
            Fact::Starved {
                jiffies,
                cpu,
                state,
            } => {
                self.quote(About::Kthread, quote);
                self.starved = Some((jiffies, cpu, state));
            }
            Fact::TimerWakeup { jiffies } => {
                self.quote(About::Timer, quote);
                self.timer = Some(jiffies);
            }
            Fact::TimerCpu { cpu, softirqs } => {
                self.quote(About::Timer, quote);
                self.timer_cpu = Some((cpu, softirqs));
            }
            Fact::AllSeen { idle } => {
                self.quote(About::AllSeen, quote);
                self.all_seen = Some(idle);
            }
            Fact::Ended => {
                self.quote(About::Ended, quote);
                self.ended = true;
            }
            Fact::OfflineCpu(cpu) | Fact::KthreadOffline(cpu) => {
                self.quote(About::Offline, quote);
                self.offline = Some(cpu);
            }
            Fact::Counts(counts) => {
                self.quote(About::Table, quote);
                self.counts.get_or_insert(counts);
            }
            Fact::Times(times) => {
                self.quote(About::Table, quote);
                self.times.get_or_insert(times);
            }
            Fact::Holdout => self.quote(About::Holdout, quote),
            Fact::KthreadStack => self.expect = Some(Owner::Kthread),
            Fact::KthreadCpuStack => self.expect = Some(Owner::KthreadCpu(None)),
            Fact::CpuStack(cpu) => self.cpu_stack(cpu),
            Fact::CpuIdle(cpu) => {
                self.quote(About::Idle, quote);
                self.cpu_stack(cpu);
                if let Some(dump) = self.dumps.last_mut() {
                    dump.skipped = true;
                }
            }
            Fact::On { cpu, comm, .. } => self.on(cpu, comm),
            Fact::Task { comm, state, pid } => self.task(comm, state, pid),
            Fact::Work(work) => {
                if let Some(dump) = self.dumps.last_mut() {
                    dump.work = Some(work);
                }
            }
        }
    }

    fn cpu_stack(&mut self, cpu: u32) {
        let owner = match self.expect.take() {
            Some(Owner::KthreadCpu(_)) if !self.cpus.contains(&cpu) => Owner::KthreadCpu(Some(cpu)),
            _ => Owner::Cpu(cpu),
        };
        self.dump(owner);
    }

    fn on(&mut self, cpu: Option<u32>, comm: String) {
        let continues = self.dumps.last().is_some_and(|dump| {
            dump.stack.frames.is_empty()
                && match dump.owner {
                    Owner::Cpu(known) | Owner::KthreadCpu(Some(known)) => {
                        cpu.is_none_or(|cpu| cpu == known)
                    }
                    Owner::Foreign => true,
                    _ => false,
                }
        });
        if !continues {
            match cpu {
                Some(cpu) => self.cpu_stack(cpu),
                None => {
                    self.dump(Owner::Unsaid);
                }
            }
        }
        if let Some(dump) = self.dumps.last_mut() {
            dump.comm = Some(comm);
        }
    }

    fn task(&mut self, comm: String, state: char, pid: Option<u32>) {
        let of_cpu = self.dumps.last().is_some_and(|dump| {
            matches!(dump.owner, Owner::Cpu(_) | Owner::KthreadCpu(_))
                && dump.stack.frames.is_empty()
                && dump.comm.is_none()
                && !dump.skipped
        });
        if !of_cpu {
            let owner = match self.expect.take() {
                Some(Owner::Kthread) => Owner::Kthread,
                _ => Owner::Task(pid),
            };
            self.dump(owner);
        }
        if self.header.kind == Kind::Tasks {
            if let Some(pid) = pid {
                self.wait_for_task(Blocked { pid, off_cpu: None });
            }
        }
        if let Some(dump) = self.dumps.last_mut() {
            dump.comm = Some(comm);
            dump.state = Some(state);
        }
    }

    /// Takes a line of a stack.
    pub(crate) fn frame(&mut self, text: &str, no: u64) -> bool {
        // Before any stack is announced, a frame is the reporter's own.
        let mut fresh = Stack::default();
        if self.dumps.is_empty() {
            if !fresh.push(text) {
                return false;
            }
            if fresh.frames.is_empty() {
                return true;
            }
            let own = (self.header.kind == Kind::SelfDetected).then(|| self.cpus.first().copied());
            self.dump(own.flatten().map_or(Owner::Unsaid, Owner::Cpu));
        }
        let Some(dump) = self.dumps.last_mut() else {
            return false;
        };
        let before = dump.stack.frames.len();
        let taken = dump.stack.push(text);
        if dump.stack.frames.len() > before {
            dump.quotes.push(cut(no, text));
        }
        taken
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
