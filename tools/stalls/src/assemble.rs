// SPDX-License-Identifier: GPL-2.0

//! Joins the facts of many lines into reports.
//!
//! Reports may be cut, wrapped by a mailer, or mixed with those of another CPU or machine. What
//! belongs where is settled by the machine's name, by printk's caller, and by what a report still
//! lacks; where that leaves a choice, the report is marked.

use std::collections::VecDeque;

use crate::fact::{self, Companion, Fact, Header};
use crate::hz::{self, Hz};
use crate::model::{Kind, Quote};
use crate::report::{MAX_COMPANIONS, Owner, Report, cut};
use crate::transport::{self, Line};

/// A report ends after this many lines that say nothing.
const PATIENCE: u32 = 200;
/// A machine's reports end when it said nothing for so many lines of the log.
const ABSENT: u64 = 5000;
/// A header without a log's prefix needs a detail within so many lines.
const DOUBT: u32 = 2;
/// So many reports of one machine may be open at once.
const OPEN: usize = 4;
/// So many machines are kept apart.
const SOURCES: usize = 16;
/// A companion belongs to a report that comes within so many lines.
const NEAR: u64 = 150;

/// One machine's reports that are not finished.
#[derive(Debug, Default)]
struct Source {
    name: Option<String>,
    open: Vec<Report>,
    /// A line that the next may finish.
    held: Option<(u64, Line<'static>)>,
    /// The beginning of a line that came in pieces.
    fragment: Option<Line<'static>>,
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
        self.sources.iter().any(Source::waits)
    }

    /// Takes one line. `quoted` says that the text before it announces an example (`::`).
    pub fn line(&mut self, no: u64, raw: &[u8], quoted: bool) {
        let line = transport::line(raw);
        // The second half of a wrapped line names no machine.
        let wrapped = || self.sources.iter().position(|source| source.held.is_some());
        let wrapped = if line.stamped { None } else { wrapped() };
        let at = wrapped.unwrap_or_else(|| self.source(&line, no));
        let source = &mut self.sources[at];
        source.line(no, line, quoted);
        self.collect(at);
        // One that says nothing more must not hold up the reports of all others.
        let gone = |source: &Source| source.waits() && source.used + ABSENT < no;
        if let Some(at) = self.sources.iter().position(gone) {
            self.end(at);
        }
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
                report.over = true;
            }
            self.collect(at);
        }
    }

    /// Gives the reports that are finished, and of which no earlier one is still open.
    pub fn take(&mut self) -> Vec<Report> {
        let open = |source: &Source| source.open.iter().map(|report| report.line).min();
        // A line that is held may turn out to begin one.
        let held = |source: &Source| source.held.as_ref().map(|(no, _)| *no);
        let sources = self.sources.iter();
        let first_open = sources
            .flat_map(|source| [open(source), held(source)])
            .flatten()
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
                self.end(oldest);
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

    /// Ends a machine's reports.
    fn end(&mut self, at: usize) {
        if let Some((no, line)) = self.sources[at].held.take() {
            self.sources[at].facts(no, &line, false);
        }
        for report in &mut self.sources[at].open {
            report.over = true;
        }
        self.collect(at);
    }

    /// Moves what is finished out of a source.
    fn collect(&mut self, at: usize) {
        let source = &mut self.sources[at];
        let hz = source.hz;
        let mut index = 0;
        while index < source.open.len() {
            let report = &source.open[index];
            let over = report.over || report.silent > PATIENCE;
            if !report.confirmed && (over || report.silent > DOUBT) {
                source.open.remove(index);
            } else if over {
                let mut report = source.open.remove(index);
                report.hz = hz;
                for dump in &mut report.dumps {
                    dump.verdict = std::mem::take(&mut dump.stack).verdict();
                }
                self.done.push(report);
            } else {
                index += 1;
            }
        }
    }
}

impl Source {
    /// What it said is not all understood.
    fn waits(&self) -> bool {
        !self.open.is_empty() || self.held.is_some()
    }

    fn line(&mut self, no: u64, line: Line<'_>, quoted: bool) {
        let Some(line) = self.fragments(line) else {
            return;
        };
        if let Some((held_no, held)) = self.held.take() {
            if let Some(joined) = join(&held, &line) {
                self.facts(held_no, &joined, quoted);
                return;
            }
            self.facts(held_no, &held, quoted);
        }
        if fact::unfinished(&line.text)
            && (self
                .open
                .iter()
                .any(|report| !report.whole() || report.silent == 0)
                || fact::inner_header(&line.text).is_some())
        {
            self.held = Some((no, line.into_owned()));
            return;
        }
        self.facts(no, &line, quoted);
    }

    /// Puts together what netconsole sent in pieces; gives a whole line.
    fn fragments<'t>(&mut self, line: Line<'t>) -> Option<Line<'t>> {
        let Some(part) = line.part else {
            return Some(line);
        };
        let whole = match self.fragment.take() {
            None if part.at == 0 => line.into_owned(),
            Some(mut begin) if begin.text.len() == part.at => {
                begin.text.to_mut().push_str(&line.text);
                begin
            }
            // A piece was lost: what comes after it means nothing.
            _ => return None,
        };
        if whole.text.len() < part.total {
            self.fragment = Some(whole);
            return None;
        }
        Some(whole)
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
            } else if let Some(at) = fact::inner_header(text) {
                let Some(left) = self.inner(no, line, text, at, quoted) else {
                    break;
                };
                said = true;
                text = &text[text.len() - left..];
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
        if line.text.starts_with("Linux version ") {
            // A boot: what was open has ended with the machine.
            self.open.iter_mut().for_each(|report| report.over = true);
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
        for report in &mut self.open {
            // Where callers are told, another CPU's report may still go on.
            let other = line.caller.is_some() && report.caller != line.caller;
            // One CPU reports others, and another flavour's report is another's.
            let again = header.kind == Kind::Detected
                && report.header.kind == header.kind
                && report.header.flavor == header.flavor
                && report.begun();
            report.over |= (report.whole() || again) && report.line != no && !other;
        }
        let going = |report: &&mut Report| !report.over;
        if self.open.iter().filter(|report| !report.over).count() >= OPEN {
            if let Some(oldest) = self.open.iter_mut().find(going) {
                oldest.over = true;
            }
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

    /// A header that something stands before; says how much of the text is left after it.
    fn inner(
        &mut self,
        no: u64,
        line: &Line<'_>,
        text: &str,
        at: usize,
        quoted: bool,
    ) -> Option<usize> {
        // A second time stamp: two CPUs printed into one line.
        let second = text[..at]
            .rfind('[')
            .map(|stamp| transport::line(&text.as_bytes()[stamp..]))
            .filter(|second| second.time.is_some());
        if let Some(second) = second {
            if let Some((header, rest)) = fact::header(&second.text) {
                let left = rest.len();
                let begun = self.begin(no, header, &second, rest, quoted, None);
                return self.mixed(begun).then_some(left);
            }
        }
        let (header, rest) = fact::header(&text[at..])?;
        if !fact::clean(fact::leftover(rest, header.list)) {
            return None;
        }
        if line.stamped {
            // Something else was printed into this line.
            let begun = self.begin(no, header, line, rest, quoted, None);
            return self.mixed(begun).then_some(rest.len());
        }
        if subject(&line.text) {
            return None;
        }
        // A prefix that we do not know: the next lines must have it too.
        let before = line.text.len() - text.len() + at;
        let column = line.text[..before].trim_end_matches("rcu: ").len();
        self.begin(no, header, line, rest, quoted, Some(column))
            .then_some(rest.len())
    }

    /// Marks the report that was just begun.
    fn mixed(&mut self, begun: bool) -> bool {
        if let (true, Some(report)) = (begun, self.open.last_mut()) {
            report.interleaved = true;
        }
        begun
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
        report.confirmed |= report.column.is_none();
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

/// Whether `text` is the subject of a mail, or of a bug report.
fn subject(text: &str) -> bool {
    ["subject:", "re:", "title:", "summary:"]
        .iter()
        .any(|word| {
            text.get(..word.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(word))
        })
}

/// Joins a wrapped line to what it goes on with.
fn join(held: &Line<'static>, next: &Line<'_>) -> Option<Line<'static>> {
    let (text, glue) = match held.text.strip_suffix('=') {
        Some(text) => (text, ""),
        None => (held.text.as_ref(), " "),
    };
    // The second half of a wrapped line has no prefix of its own.
    let whole = || glue == " " && !fact::cut_before_time(text) && fact::read(&next.text).is_some();
    if next.time.is_some() || next.text.is_empty() || whole() {
        return None;
    }
    let joined = format!("{text}{glue}{}", next.text);
    // It must have become whole: nothing may be left over.
    let told = &joined[fact::inner_header(&joined).unwrap_or(0)..];
    fact::leftover(told, false).is_empty().then(|| Line {
        text: joined.into(),
        time: held.time,
        caller: held.caller.clone(),
        source: held.source.clone(),
        stamped: held.stamped,
        torn: held.torn,
        part: None,
    })
}
