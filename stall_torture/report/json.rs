// SPDX-License-Identifier: GPL-2.0

//! The account as one line of JSON.
//!
//! Its strings are names from this module's tables, but for the kernel's release and the first line
//! that the kernel printed: those are quoted.

use super::{
    ms,
    Account, //
};
use crate::{
    observer::{
        Class,
        Words, //
    },
    scenario::ExpectedWords, //
};
use kernel::{
    fmt,
    prelude::*, //
};
use wrappers::{
    cpu,
    rcu_state::GpSeq, //
};

/// Formats as the line.
pub(crate) struct Json<'a>(pub(crate) &'a Account);

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = self.0;
        let (request, part) = (account.request, account.part);
        f.write_fmt(fmt!(
            "{{\"scenario\":\"{}\",\"request\":\"{request}\",\"round\":{},\"part\":{},\
             \"parts\":{},\"kernel\":{},\"victim_cpu\":{},\"conductor_cpu\":",
            request.scenario.name,
            account.round,
            part.number,
            part.of,
            Quoted(cpu::kernel_release().as_bytes()),
            account.place.victim.as_u32()
        ))?;
        match account.place.conductor {
            Some(cpu) => f.write_fmt(fmt!("{}", cpu.as_u32()))?,
            None => f.write_str("null")?,
        }
        f.write_fmt(fmt!(
            ",\"began_ms\":{},\"stall_ms\":{},\"timeout_ms\":{},\"facts\":{{",
            ms(account.began_ns),
            ms(account.lasted_ns),
            account.timeout.as_millis()
        ))?;
        let mut list = List::new();
        for (name, value) in &account.notes.facts {
            list.next(f, fmt!("\"{name}\":{value}"))?;
        }
        f.write_str("},\"error\":")?;
        match account.error {
            Some(error) => f.write_fmt(fmt!("{}", error.to_errno()))?,
            None => f.write_str("null")?,
        }
        if let Some(heard) = &account.heard {
            f.write_fmt(fmt!(
                ",\"gp_before\":{},\"gp_during\":{},\"gp_after\":{}",
                Seq(heard.before),
                Seq(heard.during),
                Seq(heard.after)
            ))?;
            write_words(account, &heard.words, f)?;
        }
        f.write_str(",\"changes\":[")?;
        let mut list = List::new();
        for (what, put_back) in &account.notes.changes {
            let put_back = put_back.is_ok();
            list.next(f, fmt!("{{\"what\":\"{what}\",\"put_back\":{put_back}}}"))?;
        }
        f.write_fmt(fmt!(
            "],\"expected\":\"{}\",\"verdict\":\"{}\"}}\n",
            ExpectedWords(account.expected),
            account.verdict().name()
        ))
    }
}

fn write_words(account: &Account, words: &Words, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_fmt(fmt!(
        ",\"lines_heard\":{},\"lines_cut\":{},\"pieces_dropped\":{},\"first_line_delay_ms\":",
        words.lines,
        words.cut,
        words.dropped
    ))?;
    match &words.first {
        Some(first) => f.write_fmt(fmt!(
            "{},\"first_line\":{}",
            account.delay_ms(first.at),
            Quoted(first.text.as_bytes())
        ))?,
        None => f.write_str("null,\"first_line\":null")?,
    }
    f.write_str(",\"lines\":{")?;
    let mut list = List::new();
    for class in Class::all().filter(|class| words.count(*class) > 0) {
        list.next(f, fmt!("\"{}\":{}", class.name(), words.count(class)))?;
    }
    f.write_str("},\"reports\":[")?;
    let mut list = List::new();
    for episode in &words.episodes {
        list.next(
            f,
            fmt!(
                "{{\"line\":\"{}\",\"delay_ms\":{},\"printed_by\":{},\"who\":\"{episode}\"",
                episode.class.name(),
                account.delay_ms(episode.at),
                episode.printed_by
            ),
        )?;
        if let Some(jiffies) = episode.jiffies {
            f.write_fmt(fmt!(",\"jiffies\":{jiffies}"))?;
        }
        f.write_str("}")?;
    }
    f.write_str("]")
}

/// Puts a comma between each two.
struct List(&'static str);

impl List {
    fn new() -> Self {
        Self("")
    }

    fn next(&mut self, f: &mut fmt::Formatter<'_>, item: fmt::Arguments<'_>) -> fmt::Result {
        let comma = core::mem::replace(&mut self.0, ",");
        f.write_str(comma)?;
        f.write_fmt(item)
    }
}

/// A sequence number as the kernel prints it, and what it says.
struct Seq(GpSeq);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seq, in_flight) = (self.0.printed(), self.0.in_flight());
        f.write_fmt(fmt!("{{\"seq\":{seq},\"in_flight\":{in_flight}}}"))
    }
}

/// Text from elsewhere as a string. What is not UTF-8 shows as U+FFFD.
struct Quoted<'a>(&'a [u8]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for chunk in self.0.utf8_chunks() {
            for sign in chunk.valid().chars() {
                match sign {
                    '"' | '\\' => f.write_fmt(fmt!("\\{sign}"))?,
                    '\0'..='\x1f' => f.write_fmt(fmt!("\\u{:04x}", sign as u32))?,
                    _ => f.write_fmt(fmt!("{sign}"))?,
                }
            }
            if !chunk.invalid().is_empty() {
                f.write_fmt(fmt!("{}", char::REPLACEMENT_CHARACTER))?;
            }
        }
        f.write_str("\"")
    }
}

#[kunit_tests(rculab_json)]
mod tests {
    use super::*;
    use kernel::str::CString;

    #[test]
    fn text_is_quoted() -> Result {
        for (text, quoted) in [
            (&b""[..], "\"\""),
            (b"rcu: \tTasks: P1", "\"rcu: \\u0009Tasks: P1\""),
            (b"task \"a\\b\"", "\"task \\\"a\\\\b\\\"\""),
            (b"cut \xe2\x82", "\"cut \u{fffd}\""),
            (b"\xe2\x82\xac", "\"\u{20ac}\""),
        ] {
            let said = CString::try_from_fmt(fmt!("{}", Quoted(text)))?;
            assert_eq!(said.to_bytes(), quoted.as_bytes());
        }
        Ok(())
    }
}
