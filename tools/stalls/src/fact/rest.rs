// SPDX-License-Identifier: GPL-2.0

//! What a line leaves over, and whether a log may: prose and source code do otherwise.

use std::sync::LazyLock;

use regex::Regex;

use super::format::{
    BLOCKED_CUT, CPU, EXPEDITED_CUT, HEADER_ONE_CUT, LEFT_OF_HEADER, PREFIX, STARVED_CUT,
};
use super::{Fact, expedited, frame, list, read};

/// Whether `rest`, which a header leaves over, is what a log may hold there.
///
/// Prose and source code go on after the header's words; a log's line ends, or goes on with
/// another fact.
#[must_use]
pub fn clean(rest: &str) -> bool {
    let rest = rest.trim_matches(|c: char| c.is_whitespace() || c == '`');
    rest.is_empty()
        || rest.starts_with("[/")
        || rest.starts_with("</")
        || rest.starts_with("<br")
        || rest == "="
        || rest == "=20"
}

/// Whether `text` is a part of a report's line, and not the whole.
///
/// `told` says that facts stood before it. Else it must look as if it had been one: a frame's end,
/// or a line's beginning.
#[must_use]
pub fn broken(text: &str, told: bool) -> bool {
    static PIECE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\+0x[0-9a-f]+/0x|\A(?:rcu: |RIP: |task:\S)").expect("a constant pattern")
    });
    if told {
        !clean(text)
    } else {
        // Lockdep, a warning and another part of RCU name functions as well.
        let other = text.contains(" last ")
            || text.starts_with("WARNING: ")
            || text.starts_with("rcu: rcu_");
        PIECE.is_match(text) && !other
    }
}

/// Whether another line begins in `text`: printk's time, or a frame where a module should be.
#[must_use]
pub fn doubled(text: &str) -> bool {
    static STAMP: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\[\s*\d+\.\d{6}\]|\+0x\S+ \[\w+[^\]]*[.+\[]").expect("a constant pattern")
    });
    STAMP.is_match(text)
}

/// What of `text` is left when all facts are taken off its beginning.
///
/// `in_list` says that a list in braces is open there.
#[must_use]
pub fn leftover(text: &str, mut in_list: bool) -> &str {
    let mut rest = text;
    while !rest.is_empty() {
        let found = if in_list { list(rest) } else { None };
        let Some((fact, after)) = found.or_else(|| read(rest)).or_else(|| expedited(rest)) else {
            break;
        };
        in_list = match fact {
            Fact::Header(header) => header.list,
            Fact::List { closed, .. } => !closed,
            _ => false,
        };
        rest = after;
    }
    rest
}

/// Whether `text` is a part of something that the next line may finish: a mailer's wrapped line.
#[must_use]
pub fn unfinished(text: &str) -> bool {
    if only_prefix(text) {
        return true;
    }
    let text = PREFIX
        .find(text)
        .map_or(text, |prefix| &text[prefix.end()..]);
    if frame(text) {
        return false;
    }
    let told = &text[inner_header(text).unwrap_or(0)..];
    text.ends_with('=')
        || text.starts_with('(') && !text.contains(')')
        || CPU.is_match(text) && !text.contains("fqs=")
        || BLOCKED_CUT.is_match(text)
        || STARVED_CUT.is_match(text)
        || EXPEDITED_CUT.is_match(told)
        || !leftover(told, false).is_empty()
}

/// Whether `text` is no more than what RCU's lines begin with.
#[must_use]
pub fn only_prefix(text: &str) -> bool {
    LEFT_OF_HEADER.contains(&text)
}

/// Whether `text` is the beginning of a header, or another line that means something.
#[must_use]
pub fn begins(text: &str) -> bool {
    read(text).is_some() || inner_header(text).is_some()
}

/// Whether `text` is a header of 2.6.29 to 3.2 without its time, which may look like another line.
#[must_use]
pub fn cut_before_time(text: &str) -> bool {
    HEADER_ONE_CUT.is_match(text)
}

/// Where a header stands inside a line.
#[must_use]
pub fn inner_header(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = memchr::memmem::find(&text.as_bytes()[from..], b"INFO: ") {
        let at = from + found;
        let header = &text[at + "INFO: ".len()..];
        if header.starts_with("rcu_") || header.starts_with("RCU detected") {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// Whether `text` is about the grace-period kthread of `flavor`.
#[must_use]
pub fn kthread(text: &str, flavor: &str) -> bool {
    let named = text.find(flavor).map(|at| &text[at + flavor.len()..]);
    named.is_some_and(|rest| rest.starts_with(" kthread "))
}
