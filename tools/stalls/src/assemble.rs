// SPDX-License-Identifier: GPL-2.0

//! Joins the facts of many lines into reports.
//!
//! Reports may be cut, wrapped by a mailer, or mixed with those of another CPU or machine. What
//! belongs where is settled by the machine's name, by printk's caller, and by what a report still
//! lacks; where that leaves a choice, the report is marked.

mod header;
mod join;
mod source;

use crate::fact;
use crate::report::Report;
use crate::transport::{self, Line};

use source::Source;

/// A report ends after this many lines that say nothing.
const PATIENCE: u32 = 200;
/// A machine's reports end when it said nothing for so many lines of the log.
const ABSENT: u64 = 5000;
/// A header without a log's prefix needs a detail within so many lines.
const DOUBT: u32 = 8;
/// So many reports of one machine may be open at once.
const OPEN: usize = 4;
/// So many machines are kept apart.
const SOURCES: usize = 16;
/// A companion belongs to a report that comes within so many lines.
const NEAR: u64 = 150;

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
        let wrapped = if line.stamped { None } else { self.wrapped(no) };
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
                report.confirmed |= report.silent == 0 && !report.doubted;
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

    /// The machine that the second half of a wrapped line comes from: it names none.
    fn wrapped(&mut self, no: u64) -> Option<usize> {
        let held = self.sources.iter().position(|source| source.held.is_some());
        let heard = |source: &Source| source.used + 1 == no && !source.open.is_empty();
        let at = held.or_else(|| self.sources.iter().position(heard))?;
        self.sources[at].used = no;
        Some(at)
    }

    fn source(&mut self, line: &Line<'_>, no: u64) -> usize {
        let known = self
            .sources
            .iter()
            .position(|source| source.name == line.source);
        let at = self.nameless(line).or(known);
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

    /// The one machine that is being heard, if `line` goes on there without its name.
    ///
    /// Who cuts a syslog for a bug report often cuts the name off, from all lines but the first.
    fn nameless(&self, line: &Line<'_>) -> Option<usize> {
        if line.source.is_some() || !line.stamped || fact::inner_header(&line.text).is_some() {
            return None;
        }
        let mut heard = (0..self.sources.len()).filter(|&at| self.sources[at].waits());
        let at = heard.next()?;
        heard.next().is_none().then_some(at)
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
