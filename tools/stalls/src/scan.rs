// SPDX-License-Identifier: GPL-2.0

//! Cuts a stream into lines, and passes over those that cannot matter.
//!
//! Most of a log is not about stalls. While no report is open, one pass looks for a handful of
//! words; a line without any of them is never looked at as a line. Whatever the chunks, the
//! result is the same, and what is kept is bounded.

use std::io::{self, Read};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::{memchr, memchr_iter, memrchr};

use crate::assemble::Assembler;
use crate::fact;
use crate::incident::Incidents;
use crate::model::Episode;

/// A longer line is cut: no kernel prints more than 1 KiB, and mixed output not much more.
const MAX_LINE: usize = 16 << 10;

/// What may stand between a line's words and its end.
const LINE_ENDS: [&str; 4] = ["", " ", "\r", " \r"];

static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    // Leftmost, since only then it looks for all words at once with the CPU's vectors.
    let anchors = fact::ANCHORS.iter().copied().map(str::to_owned);
    let wrapped = fact::LEFT_OF_HEADER
        .iter()
        .flat_map(|left| LINE_ENDS.map(|end| format!("{left}{end}\n")));
    let mut builder = AhoCorasick::builder();
    builder
        .match_kind(MatchKind::LeftmostFirst)
        .build(anchors.chain(wrapped))
        .expect("constant words")
});

/// Reads a log by chunks.
#[derive(Debug, Default)]
pub struct Scanner {
    assembler: Assembler,
    incidents: Incidents,
    /// The number of lines that are over.
    lines: u64,
    /// The beginning of a line that is not over.
    rest: Vec<u8>,
    /// The last line that was not blank announces an example.
    announced: bool,
}

impl Scanner {
    /// Begins a log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes; gives the episodes that are finished.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Episode> {
        let mut bytes = bytes;
        if !self.rest.is_empty() {
            let Some(end) = memchr(b'\n', bytes) else {
                self.keep(bytes);
                return Vec::new();
            };
            self.keep(&bytes[..end]);
            let line = std::mem::take(&mut self.rest);
            self.line(&line);
            bytes = &bytes[end + 1..];
        }
        match memrchr(b'\n', bytes) {
            Some(end) => {
                self.lines_of(&bytes[..=end]);
                self.keep(&bytes[end + 1..]);
            }
            None => self.keep(bytes),
        }
        self.episodes()
    }

    /// Ends the log; gives the rest of the episodes.
    pub fn finish(&mut self) -> Vec<Episode> {
        if !self.rest.is_empty() {
            let line = std::mem::take(&mut self.rest);
            self.line(&line);
        }
        self.pause()
    }

    /// Gives what there is, as if the log ended here; for a log that is still written.
    pub fn pause(&mut self) -> Vec<Episode> {
        self.assembler.finish();
        let mut episodes = self.episodes();
        episodes.extend(self.incidents.flush());
        episodes
    }

    /// How many lines were read.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.lines + u64::from(!self.rest.is_empty())
    }

    fn episodes(&mut self) -> Vec<Episode> {
        let reports = self.assembler.take();
        reports
            .into_iter()
            .flat_map(|report| self.incidents.push(report))
            .collect()
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = MAX_LINE.saturating_sub(self.rest.len());
        self.rest.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Takes whole lines.
    fn lines_of(&mut self, text: &[u8]) {
        let mut at = 0;
        while at < text.len() {
            if !self.assembler.active() {
                let Some(found) = WORDS.find(&text[at..]) else {
                    self.pass(&text[at..]);
                    return;
                };
                let start =
                    memrchr(b'\n', &text[at..at + found.start()]).map_or(at, |end| at + end + 1);
                self.pass(&text[at..start]);
                at = start;
            }
            let end = memchr(b'\n', &text[at..]).map_or(text.len(), |end| at + end);
            self.line(&text[at..end]);
            at = end + 1;
        }
    }

    /// Passes over lines that do not matter.
    fn pass(&mut self, text: &[u8]) {
        self.lines += memchr_iter(b'\n', text).count() as u64;
        let mut text = text;
        while let Some((last, before)) = last_line(text) {
            if !last.trim_ascii().is_empty() {
                self.announced = announces(last);
                return;
            }
            text = before;
        }
    }

    /// Takes one line, without its end.
    fn line(&mut self, whole: &[u8]) {
        let line = &whole[..whole.len().min(MAX_LINE)];
        self.lines += 1;
        if self.assembler.active() || WORDS.is_match(line) || left_of_header(whole) {
            self.assembler.line(self.lines, line, self.announced);
        }
        if !line.trim_ascii().is_empty() {
            self.announced = announces(line);
        }
    }
}

/// The last line of whole lines, and what is before it.
fn last_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let body = text.strip_suffix(b"\n")?;
    let start = memrchr(b'\n', body).map_or(0, |end| end + 1);
    Some((&body[start..], &text[..start]))
}

/// Whether `line`, without its end, is one that [`fact::LEFT_OF_HEADER`] finds.
fn left_of_header(line: &[u8]) -> bool {
    let mut bare = LINE_ENDS
        .iter()
        .filter_map(|end| line.strip_suffix(end.as_bytes()));
    let ends = |text: &[u8]| {
        let mut left = fact::LEFT_OF_HEADER.iter();
        left.any(|left| text.ends_with(left.as_bytes()))
    };
    line.len() < MAX_LINE && bare.any(ends)
}

/// reStructuredText announces a literal block so.
fn announces(line: &[u8]) -> bool {
    let line = &line[..line.len().min(MAX_LINE)];
    line.trim_ascii_end().ends_with(b"::")
}

/// Reads a whole log.
///
/// # Errors
///
/// What `log` returns.
pub fn explain(mut log: impl Read) -> io::Result<Vec<Episode>> {
    let mut scanner = Scanner::new();
    let mut episodes = Vec::new();
    let mut chunk = vec![0; 1 << 18];
    loop {
        match log.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => episodes.extend(scanner.feed(&chunk[..read])),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    episodes.extend(scanner.finish());
    Ok(episodes)
}
