// SPDX-License-Identifier: GPL-2.0

//! Begins a report, where a header is a log's and not a talk's.

use super::source::Source;
use super::{NEAR, OPEN};
use crate::fact::{self, Header};
use crate::model::Kind;
use crate::report::{MAX_COMPANIONS, Report, cut};
use crate::transport::{self, Line};

impl Source {
    /// Begins a report, if its header is a log's and not a talk's.
    pub(super) fn begin(
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
        // What a terminal had on the line it was printed over; the next lines must tell.
        let over = line.time.is_some() && !header.list && rest.starts_with(char::is_alphanumeric);
        if !(fact::clean(rest) || torn || over) || quoted && !line.stamped {
            return false;
        }
        let over = over && !fact::clean(rest) && !torn;
        // Only one CPU reports others: twice in one line, that is two consoles' output in one log.
        let twice = |report: &Report| {
            report.line == no
                && header.kind == Kind::Detected
                && report.header.kind == header.kind
                && report.header.flavor == header.flavor
                && report.caller == line.caller
        };
        if !header.list && self.open.iter().any(twice) {
            return true;
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
        report.confirmed &= column.is_none() && !over;
        report.interleaved |= over;
        report.doubted = over;
        for (what, quote) in self.recent.drain(..) {
            if quote.line + NEAR >= no && report.companions.len() < MAX_COMPANIONS {
                report.companions.push((what, quote));
            }
        }
        self.open.push(report);
        true
    }

    /// A header that something stands before; says how much of the text is left after it.
    pub(super) fn inner(
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
    pub(super) fn mixed(&mut self, begun: bool) -> bool {
        if let (true, Some(report)) = (begun, self.open.last_mut()) {
            report.interleaved = true;
        }
        begun
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
