// SPDX-License-Identifier: GPL-2.0

//! One machine's lines: each goes to the report that it belongs to.

use std::collections::VecDeque;

use super::join::{join, soft};
use crate::fact::{self, Companion, Cpu, Fact};
use crate::hz::{self, Hz};
use crate::model::{Kind, Quote};
use crate::report::{MAX_COMPANIONS, Owner, Report, cut};
use crate::transport::Line;

/// A report's lines come within so many seconds of its header, if there is another to choose.
const PRINTED_WITHIN: f64 = 20.0;

/// One machine's reports that are not finished.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) name: Option<String>,
    pub(super) open: Vec<Report>,
    /// A line that the next may finish.
    pub(super) held: Option<(u64, Line<'static>)>,
    /// The beginning of a line that came in pieces.
    pub(super) fragment: Option<Line<'static>>,
    pub(super) recent: VecDeque<(Companion, Quote)>,
    pub(super) hz: Option<Hz>,
    pub(super) used: u64,
}

impl Source {
    /// What it said is not all understood.
    pub(super) fn waits(&self) -> bool {
        !self.open.is_empty() || self.held.is_some()
    }

    pub(super) fn line(&mut self, no: u64, line: Line<'_>, quoted: bool) {
        let Some(line) = self.fragments(line) else {
            return;
        };
        if let Some((held_no, held)) = self.held.take() {
            if let Some(joined) = join(&held, &line) {
                // A narrow mail wraps a line twice.
                if fact::unfinished(&joined.text) {
                    self.held = Some((held_no, joined));
                } else {
                    self.facts(held_no, &joined, quoted);
                }
                return;
            }
            if let Some(more) = soft(&held, &line) {
                self.held = Some((held_no, more));
                return;
            }
            self.facts(held_no, &held, quoted);
        }
        if fact::unfinished(&line.text)
            && (self
                .open
                .iter()
                .any(|report| !report.whole() || report.silent == 0)
                || fact::inner_header(&line.text).is_some()
                || fact::only_prefix(&line.text))
        {
            self.held = Some((no, line.into_owned()));
            return;
        }
        self.facts(no, &line, quoted);
    }

    /// Puts together what netconsole sent in pieces; gives a whole line.
    pub(super) fn fragments<'t>(&mut self, line: Line<'t>) -> Option<Line<'t>> {
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
    pub(super) fn facts(&mut self, no: u64, line: &Line<'_>, quoted: bool) {
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
                    Fact::Companion(what) => self.companion(what, no, line),
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
        let told = said;
        said |= self.column(no, line);
        if let Some(at) = self.target(line) {
            let report = &mut self.open[at];
            let frame = report.frame(text, no);
            let fresh = report.line == no || report.silent == 0;
            report.broken |= fresh && (fact::doubled(text) || !frame && fact::broken(text, told));
            said |= frame;
        }
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
    pub(super) fn list<'t>(&self, text: &'t str, line: &Line<'_>) -> Option<(Fact, &'t str)> {
        let late = text.strip_prefix('{');
        if let Some(inside) = late.filter(|_| self.open.iter().any(Report::lacks_list)) {
            return fact::list(inside);
        }
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

    /// Reads a line of a log whose prefix is not known.
    pub(super) fn column(&mut self, no: u64, line: &Line<'_>) -> bool {
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
            // A line without that prefix is not cut in the middle of a word.
            None => !within_word(&line.text, text) && report.frame(text.trim_start(), no),
        }
    }

    /// Which report a detail of no particular kind belongs to.
    pub(super) fn target(&self, line: &Line<'_>) -> Option<usize> {
        let same = |report: &&Report| line.caller.is_some() && report.caller == line.caller;
        let by_caller = self.open.iter().rev().find(same).map(|report| report.line);
        let line = by_caller.or_else(|| self.open.last().map(|report| report.line))?;
        self.open.iter().rposition(|report| report.line == line)
    }

    /// Gives a fact to the report that it belongs to.
    pub(super) fn apply(&mut self, fact: Fact, no: u64, line: &Line<'_>) -> bool {
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
            Fact::List { .. } => report.list_open || report.lacks_list(),
            Fact::AllSeen { .. } => report.all_seen.is_none(),
            Fact::Expedited(_) => {
                report.header.kind == Kind::Expedited && report.expedited.is_none()
            }
            _ => true,
        };
        let mut fits: Vec<usize> = (0..self.open.len())
            .filter(|&at| wants(&self.open[at]))
            .collect();
        // A report names a CPU or a task once: the second time it is for a twin, as when each line
        // of a log is there twice.
        let fresh = |at: &usize| {
            let report = &self.open[*at];
            match &fact {
                Fact::Cpu(cpu) => !report.cpus.contains(&cpu.cpu),
                Fact::Blocked(tasks) => !tasks
                    .iter()
                    .any(|task| report.tasks.iter().any(|known| known.pid == task.pid)),
                _ => true,
            }
        };
        prefer(&mut fits, fresh);
        // What comes minutes after a header is another's, as where somebody gathered the headers.
        let near = |at: &usize| match (line.time, self.open[*at].time) {
            (Some(now), Some(begun)) => (now - begun).abs() < PRINTED_WITHIN,
            _ => true,
        };
        prefer(&mut fits, near);
        if let Fact::Cpu(cpu) = &fact {
            share(&mut self.open, &mut fits, cpu, &cut(no, &line.text));
        }
        // A grace-period kthread is named after its flavour.
        let named = |at: &usize| fact::kthread(&line.text, &self.open[*at].header.flavor);
        prefer(&mut fits, named);
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
        let late = matches!(fact, Fact::List { .. }) && !report.list_open;
        report.interleaved |= late;
        // A head goes on in a line of its own: what stood before the header was another's.
        let alone = || head && fact::read(&line.text).is_some();
        report.confirmed |= report.column.is_none() || alone();
        report.take(fact, cut(no, &line.text));
        true
    }

    pub(super) fn companion(&mut self, what: Companion, no: u64, line: &Line<'_>) {
        let quote = cut(no, &line.text);
        // A wait that began after a report is of something else, which may be reported yet. What does
        // not say since when goes on with what did.
        let began = waited_since(line);
        let part = |report: &&mut Report| match (began, report.time) {
            _ if what != Companion::Csd => true,
            (Some(began), Some(reported)) => began < reported,
            (None, Some(_)) => report.companions.iter().any(|(of, _)| *of == what),
            (_, None) => true,
        };
        match self.open.last_mut().filter(part) {
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
                // A hung task's stack comes at once, whatever the report still lacks.
                if !silent && (report.whole() || what == Companion::HungTask) {
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

/// Leaves only those that `suit`, if there are any.
fn prefer(fits: &mut Vec<usize>, suit: impl Fn(&usize) -> bool) {
    if fits.iter().any(&suit) {
        fits.retain(suit);
    }
}

/// Leaves a CPU's line to the report that lists all CPUs, where another header came before it.
///
/// A CPU that reports itself is on that list as well, and its own line looks the same.
fn share(open: &mut [Report], fits: &mut Vec<usize>, cpu: &Cpu, quote: &Quote) {
    let lists = |open: &[Report], at: usize| open[at].header.kind == Kind::Detected;
    let told = fits.iter().any(|&at| open[at].caller.is_some());
    if told || !fits.iter().any(|&at| lists(open, at)) {
        return;
    }
    let mixed = fits.len() > 1;
    for &at in fits.iter() {
        open[at].interleaved |= mixed;
        if !lists(open, at) {
            open[at].may_be(cpu, quote);
        }
    }
    fits.retain(|&at| lists(open, at));
}

/// Since when a CPU waits for another to answer a cross-call, if `line` says so.
fn waited_since(line: &Line<'_>) -> Option<f64> {
    let (_, waited) = line.text.split_once(", waiting ")?;
    let (nanoseconds, _) = waited.split_once(" ns ")?;
    Some(line.time? - nanoseconds.parse::<f64>().ok()? / 1e9)
}

/// Whether `end`, the end of `line`, begins in the middle of a word.
fn within_word(line: &str, end: &str) -> bool {
    let word = |letter: char| letter == '_' || letter.is_ascii_alphanumeric();
    line[..line.len() - end.len()].ends_with(word) && end.starts_with(word)
}
