// SPDX-License-Identifier: GPL-2.0

//! Joins the facts of many lines into reports.
//!
//! Reports may be cut, wrapped by a mailer, or mixed with those of another CPU or machine. What
//! belongs where is settled by the machine's name, by printk's caller, and by what a report still
//! lacks; where that leaves a choice, the report is marked.

use std::collections::VecDeque;

use crate::fact::{self, Blocked, Companion, Cpu, Expedited, Fact, Header, Summary};
use crate::hz::{self, Hz};
use crate::model::{Kind, Quote};
use crate::stack::{Stack, Verdict};
use crate::transport::{self, Line};

/// A report ends after this many lines that say nothing.
const PATIENCE: u32 = 200;
/// A header without a log's prefix needs a detail within so many lines.
const DOUBT: u32 = 2;
/// So many reports of one machine may be open at once.
const OPEN: usize = 4;
/// So many machines are kept apart.
const SOURCES: usize = 16;
/// Bounds of what one report keeps.
const MAX_DUMPS: usize = 40;
const MAX_CPUS: usize = 4096;
const MAX_QUOTES: usize = 48;
const MAX_COMPANIONS: usize = 8;
/// A companion belongs to a report that comes within so many lines.
const NEAR: u64 = 150;
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

    caller: Option<String>,
    list_open: bool,
    silent: u32,
    confirmed: bool,
    /// Where what the kernel printed begins, in a log whose prefix is not known.
    column: Option<usize>,
    expect: Option<Owner>,
}

impl Report {
    fn new(no: u64, header: Header, line: &Line<'_>, quote: Quote) -> Self {
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
    fn whole(&self) -> bool {
        match self.header.kind {
            Kind::SelfDetected | Kind::Detected => self.summary.is_some() || self.header.suppressed,
            Kind::Expedited => self.expedited.is_some() || self.header.suppressed,
            Kind::Tasks => true,
        }
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

    fn dump(&mut self, owner: Owner) -> &mut Dump {
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
    fn take(&mut self, fact: Fact, quote: Quote) {
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
    fn frame(&mut self, text: &str, no: u64) -> bool {
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

fn cut(line: u64, text: &str) -> Quote {
    Quote {
        line,
        text: text.chars().take(MAX_TEXT).collect(),
    }
}

/// One machine's reports that are not finished.
#[derive(Debug, Default)]
struct Source {
    name: Option<String>,
    open: Vec<Report>,
    /// A line that the next may finish.
    held: Option<(u64, Line<'static>)>,
    recent: VecDeque<(Companion, Quote)>,
    hz: Option<Hz>,
    used: u64,
}

/// Joins lines into reports.
#[derive(Debug, Default)]
pub struct Assembler {
    sources: Vec<Source>,
    done: Vec<Report>,
}

impl Assembler {
    /// A report is open: every line counts.
    #[must_use]
    pub fn active(&self) -> bool {
        self.sources
            .iter()
            .any(|source| !source.open.is_empty() || source.held.is_some())
    }

    /// Takes one line. `quoted` says that the text before it announces an example (`::`).
    pub fn line(&mut self, no: u64, raw: &[u8], quoted: bool) {
        let line = transport::line(raw);
        let at = self.source(&line, no);
        let source = &mut self.sources[at];
        source.line(no, line, quoted);
        self.collect(at);
    }

    /// Ends all reports.
    pub fn finish(&mut self) {
        for at in 0..self.sources.len() {
            if let Some((no, line)) = self.sources[at].held.take() {
                self.sources[at].facts(no, &line, false);
            }
            for report in &mut self.sources[at].open {
                // A header that the log ends with: nothing speaks against it.
                report.confirmed |= report.silent == 0;
                report.silent = PATIENCE + 1;
            }
            self.collect(at);
        }
    }

    /// Gives the reports that are finished, and of which no earlier one is still open.
    pub fn take(&mut self) -> Vec<Report> {
        let first_open = self
            .sources
            .iter()
            .flat_map(|source| &source.open)
            .map(|report| report.line)
            .min();
        self.done.sort_by_key(|report| report.line);
        let ready = self
            .done
            .partition_point(|report| first_open.is_none_or(|open| report.line <= open));
        self.done.drain(..ready).collect()
    }

    fn source(&mut self, line: &Line<'_>, no: u64) -> usize {
        let at = self
            .sources
            .iter()
            .position(|source| source.name == line.source);
        let at = at.unwrap_or_else(|| {
            if self.sources.len() >= SOURCES {
                // The one that was silent for longest gives way.
                let oldest = (0..self.sources.len())
                    .min_by_key(|&at| self.sources[at].used)
                    .unwrap_or(0);
                self.sources[oldest]
                    .open
                    .iter_mut()
                    .for_each(|report| report.silent = PATIENCE + 1);
                self.collect(oldest);
                self.sources.remove(oldest);
            }
            self.sources.push(Source {
                name: line.source.clone(),
                ..Source::default()
            });
            self.sources.len() - 1
        });
        self.sources[at].used = no;
        at
    }

    /// Moves what is finished out of a source.
    fn collect(&mut self, at: usize) {
        let source = &mut self.sources[at];
        let hz = source.hz;
        let mut index = 0;
        while index < source.open.len() {
            let report = &source.open[index];
            let doubtful = !report.confirmed && report.silent > DOUBT;
            if doubtful {
                source.open.remove(index);
            } else if report.silent > PATIENCE {
                let mut report = source.open.remove(index);
                report.hz = hz;
                if report.confirmed {
                    for dump in &mut report.dumps {
                        dump.verdict = std::mem::take(&mut dump.stack).verdict();
                    }
                    self.done.push(report);
                }
            } else {
                index += 1;
            }
        }
    }
}

impl Source {
    fn line(&mut self, no: u64, line: Line<'_>, quoted: bool) {
        if let Some((held_no, held)) = self.held.take() {
            if let Some(joined) = join(&held, &line) {
                self.facts(held_no, &joined, quoted);
                return;
            }
            self.facts(held_no, &held, quoted);
        }
        if fact::unfinished(&line.text)
            && (self.open.iter().any(|report| !report.whole()) || line.text.contains("INFO: rcu"))
        {
            let text = line.text.into_owned();
            self.held = Some((
                no,
                Line {
                    text: text.into(),
                    time: line.time,
                    caller: line.caller,
                    source: line.source,
                    stamped: line.stamped,
                    torn: line.torn,
                },
            ));
            return;
        }
        self.facts(no, &line, quoted);
    }

    /// Takes everything that a line says.
    fn facts(&mut self, no: u64, line: &Line<'_>, quoted: bool) {
        let mut text: &str = &line.text;
        if text.is_empty() {
            return;
        }
        let mut said = false;
        let mut mixed = false;
        loop {
            if let Some((fact, rest)) = self.list(text, line) {
                self.apply(fact, no, line);
                said = true;
                text = rest;
            } else if let Some((fact, rest)) = fact::read(text) {
                match fact {
                    Fact::Header(header) => {
                        if !self.begin(no, header, line, rest, quoted, None) {
                            break;
                        }
                    }
                    Fact::Companion(what) => self.companion(what, no, &line.text),
                    fact => {
                        if !self.apply(fact, no, line) {
                            break;
                        }
                    }
                }
                said = true;
                text = rest;
            } else if let Some(at) = inner_header(text) {
                if !self.inner(no, line, text, at, quoted) {
                    break;
                }
                said = true;
                break;
            } else {
                break;
            }
            if text.is_empty() {
                break;
            }
            mixed |= said && text.starts_with("INFO: ");
        }
        if mixed {
            self.open
                .iter_mut()
                .filter(|report| !report.whole())
                .for_each(|report| report.interleaved = true);
        }
        said |= self.column(no, line);
        said |= self
            .target(line)
            .is_some_and(|at| self.open[at].frame(text, no));
        if hz::boot(&line.text).is_some() {
            self.hz = hz::boot(&line.text);
        }
        if line.text.contains("Linux version ") {
            // A boot: what was open has ended with the machine.
            self.open
                .iter_mut()
                .for_each(|report| report.silent = PATIENCE + 1);
            return;
        }
        for report in &mut self.open {
            if report.line == no {
                continue;
            }
            report.silent = if said { 0 } else { report.silent + 1 };
        }
    }

    /// Reads the rest of a list that a report has open.
    fn list<'t>(&self, text: &'t str, line: &Line<'_>) -> Option<(Fact, &'t str)> {
        let report = self.open.iter().rev().find(|report| {
            report.list_open || report.header.kind == Kind::Expedited && report.expedited.is_none()
        })?;
        if line.caller.is_some() && report.caller != line.caller {
            return None;
        }
        if report.list_open {
            fact::list(text)
        } else {
            fact::expedited(text)
        }
    }

    /// Begins a report, if its header is a log's and not a talk's.
    fn begin(
        &mut self,
        no: u64,
        header: Header,
        line: &Line<'_>,
        rest: &str,
        quoted: bool,
        column: Option<usize>,
    ) -> bool {
        let rest = fact::leftover(rest, header.list);
        // Prose and source code go on like this.
        let talk = |c: char| c.is_ascii_lowercase() || "\\\"',;)}.".contains(c);
        let torn = line.stamped && !rest.starts_with(talk);
        if !(fact::clean(rest) || torn) || quoted && !line.stamped {
            return false;
        }
        let now = |report: &Report| report.line == no;
        for report in &mut self.open {
            if report.whole() && !now(report) {
                report.silent = PATIENCE + 1;
            }
        }
        if self.open.len() >= OPEN {
            self.open[0].silent = PATIENCE + 1;
        }
        let mut report = Report::new(no, header, line, cut(no, &line.text));
        report.column = column;
        report.confirmed &= column.is_none();
        for (what, quote) in self.recent.drain(..) {
            if quote.line + NEAR >= no && report.companions.len() < MAX_COMPANIONS {
                report.companions.push((what, quote));
            }
        }
        self.open.push(report);
        true
    }

    /// A header that something stands before.
    fn inner(&mut self, no: u64, line: &Line<'_>, text: &str, at: usize, quoted: bool) -> bool {
        // A second time stamp: two CPUs printed into one line.
        if let Some(stamp) = text[..at].rfind('[') {
            let second = transport::line(&text.as_bytes()[stamp..]);
            if second.stamped && second.time.is_some() {
                if let Some((header, rest)) = fact::header(&second.text) {
                    let rest = rest.to_owned();
                    let begun = self.begin(no, header, &second, &rest, quoted, None);
                    if let (true, Some(report)) = (begun, self.open.last_mut()) {
                        report.interleaved = true;
                    }
                    return begun;
                }
            }
        }
        let Some((header, rest)) = fact::header(&text[at..]) else {
            return false;
        };
        if line.stamped {
            // Something else was printed into this line.
            let begun = fact::clean(rest) && self.begin(no, header, line, rest, quoted, None);
            if let (true, Some(report)) = (begun, self.open.last_mut()) {
                report.interleaved = true;
            }
            return begun;
        }
        // A prefix that we do not know: the next lines must have it too.
        let column = line.text.len() - text.len() + at;
        let column = column - line.text[..column].len()
            + line.text[..column].trim_end_matches("rcu: ").len();
        fact::clean(rest) && self.begin(no, header, line, rest, quoted, Some(column))
    }

    /// Reads a line of a log whose prefix is not known.
    fn column(&mut self, no: u64, line: &Line<'_>) -> bool {
        let Some(report) = self
            .open
            .iter_mut()
            .rfind(|report| report.column.is_some() && report.line != no)
        else {
            return false;
        };
        let Some(text) = report.column.and_then(|column| line.text.get(column..)) else {
            return false;
        };
        match fact::read(text) {
            Some((Fact::Header(_) | Fact::Companion(_), _)) => false,
            Some((fact, _)) => {
                report.confirmed = true;
                report.take(fact, cut(no, text));
                true
            }
            None => report.frame(text.trim_start(), no),
        }
    }

    /// Which report a detail of no particular kind belongs to.
    fn target(&self, line: &Line<'_>) -> Option<usize> {
        let same = |report: &&Report| line.caller.is_some() && report.caller == line.caller;
        let by_caller = self.open.iter().rev().find(same).map(|report| report.line);
        let line = by_caller.or_else(|| self.open.last().map(|report| report.line))?;
        self.open.iter().rposition(|report| report.line == line)
    }

    /// Gives a fact to the report that it belongs to.
    fn apply(&mut self, fact: Fact, no: u64, line: &Line<'_>) -> bool {
        let wants = |report: &Report| match &fact {
            Fact::Cpu(_) => {
                !report.whole()
                    && matches!(report.header.kind, Kind::SelfDetected | Kind::Detected)
                    && (report.header.kind != Kind::SelfDetected || report.cpu_lines.is_empty())
            }
            Fact::Summary(summary) => {
                let kind = if summary.detected_by.is_some() {
                    Kind::Detected
                } else {
                    Kind::SelfDetected
                };
                !report.whole() && report.header.kind == kind
            }
            Fact::Blocked(_) => !report.whole() && report.header.kind == Kind::Detected,
            Fact::Counts(_) | Fact::Times(_) => !report.whole(),
            Fact::List { .. } => report.list_open,
            Fact::AllSeen { .. } => report.all_seen.is_none(),
            Fact::Expedited(_) => {
                report.header.kind == Kind::Expedited && report.expedited.is_none()
            }
            _ => true,
        };
        let fits: Vec<usize> = (0..self.open.len())
            .filter(|&at| wants(&self.open[at]))
            .collect();
        let mine = |at: &&usize| line.caller.is_some() && self.open[**at].caller == line.caller;
        let head = matches!(fact, Fact::Cpu(_) | Fact::Summary(_) | Fact::Blocked(_));
        let chosen = match fits.iter().find(mine) {
            Some(&at) => at,
            // A head's lines come in the order of the headers, anything else follows the newest.
            None => match if head { fits.first() } else { fits.last() } {
                Some(&at) => at,
                None => return false,
            },
        };
        if head && fits.len() > 1 && line.caller.is_none() {
            fits.iter().for_each(|&at| self.open[at].interleaved = true);
        }
        let report = &mut self.open[chosen];
        report.confirmed = true;
        report.take(fact, cut(no, &line.text));
        true
    }

    fn companion(&mut self, what: Companion, no: u64, text: &str) {
        let quote = cut(no, text);
        match self.open.last_mut() {
            Some(report) => {
                if report.companions.len() < MAX_COMPANIONS {
                    report.companions.push((what, quote));
                }
                let silent = matches!(
                    what,
                    Companion::Dropped
                        | Companion::Hrtimer
                        | Companion::Clocksource
                        | Companion::RtThrottling
                        | Companion::TasksWait
                );
                if !silent && report.whole() {
                    report.dump(Owner::Foreign);
                }
            }
            None => {
                if self.recent.len() == MAX_COMPANIONS {
                    self.recent.pop_front();
                }
                self.recent.push_back((what, quote));
            }
        }
    }
}

/// Where a header stands inside a line.
fn inner_header(text: &str) -> Option<usize> {
    let at = text
        .find("INFO: rcu_")
        .or_else(|| text.find("INFO: RCU detected"))?;
    (at > 0).then_some(at)
}

/// Joins a wrapped line to what it goes on with.
fn join(held: &Line<'static>, next: &Line<'_>) -> Option<Line<'static>> {
    let (text, glue) = match held.text.strip_suffix('=') {
        Some(text) => (text, ""),
        None => (held.text.as_ref(), " "),
    };
    // The second half of a wrapped line has no prefix of its own.
    if next.time.is_some()
        || next.text.is_empty()
        || glue == " " && fact::read(&next.text).is_some()
    {
        return None;
    }
    let joined = format!("{text}{glue}{}", next.text);
    // It must have become whole: nothing may be left over.
    fact::leftover(&joined, false).is_empty().then(|| Line {
        text: joined.into(),
        time: held.time,
        caller: held.caller.clone(),
        source: held.source.clone(),
        stamped: held.stamped,
        torn: held.torn,
    })
}
