// SPDX-License-Identifier: GPL-2.0

//! Joins what a mailer wrapped.

use crate::fact;
use crate::transport::Line;

/// Joins a wrapped line to what it goes on with.
pub(super) fn join(held: &Line<'static>, next: &Line<'_>) -> Option<Line<'static>> {
    if fact::only_prefix(&held.text) {
        let joined = longer(held, format!("{} {}", held.text, next.text));
        return (!next.stamped && fact::begins(&joined.text)).then_some(joined);
    }
    // Quoted-printable breaks anywhere, a mailer at a blank or behind a hyphen.
    let (text, glues) = match held.text.strip_suffix('=') {
        Some(text) => (text, &["", " "][..]),
        None if held.text.ends_with('-') => (held.text.as_ref(), &[""][..]),
        None => (held.text.as_ref(), &[" "][..]),
    };
    // The second half of a wrapped line has no prefix of its own.
    let soft = held.text.ends_with('=');
    let whole = || !soft && !fact::cut_before_time(text) && fact::read(&next.text).is_some();
    if next.time.is_some() || next.text.is_empty() || whole() {
        return None;
    }
    // It must have become whole: nothing may be left over.
    let told = |joined: &String| {
        let header = fact::inner_header(joined);
        let left = fact::leftover(&joined[header.unwrap_or(0)..], false);
        // A header may be broken twice, the second time inside the brackets that end it.
        left.is_empty()
            || header.is_some() && left.starts_with("(detected by") && !left.contains(')')
    };
    let mut joined = glues
        .iter()
        .map(|glue| format!("{text}{glue}{}", next.text));
    joined.find(told).map(|joined| longer(held, joined))
}

/// Joins what quoted-printable broke (`=`) to a line that is still not whole.
pub(super) fn soft(held: &Line<'static>, next: &Line<'_>) -> Option<Line<'static>> {
    let text = held.text.strip_suffix('=')?;
    let alone = next.stamped || next.text.is_empty() || fact::read(&next.text).is_some();
    if text.ends_with('=') || alone {
        return None;
    }
    let joined = format!("{text}{}", next.text);
    fact::unfinished(&joined).then(|| longer(held, joined))
}

/// `held` with more text.
fn longer(held: &Line<'static>, text: String) -> Line<'static> {
    Line {
        text: text.into(),
        time: held.time,
        caller: held.caller.clone(),
        source: held.source.clone(),
        stamped: held.stamped,
        torn: held.torn,
        part: None,
    }
}
