// SPDX-License-Identifier: GPL-2.0

//! The account as one line of JSON.
//!
//! All strings in it are names from this module's tables, and numbers; only the kernel's release
//! comes from elsewhere.

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
use wrappers::cpu;

/// Formats as the line.
pub(crate) struct Json<'a>(pub(crate) &'a Account);

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = self.0;
        let (request, part) = (account.request, account.part);
        f.write_fmt(fmt!(
            "{{\"scenario\":\"{}\",\"request\":\"{request}\",\"round\":{},\"part\":{},\
             \"parts\":{},\"kernel\":\"{}\",\"victim_cpu\":{},\"conductor_cpu\":",
            request.scenario.name,
            account.round,
            part.number,
            part.of,
            Name(cpu::kernel_release()),
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
                heard.before.printed(),
                heard.during.printed(),
                heard.after.printed()
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
        Some(first) => f.write_fmt(fmt!("{}", account.delay_ms(first.at)))?,
        None => f.write_str("null")?,
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

/// A name from elsewhere, without what JSON would take for something else.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for sign in self.0.chars() {
            let plain = !sign.is_control() && sign != '"' && sign != '\\';
            f.write_fmt(fmt!("{}", if plain { sign } else { '?' }))?;
        }
        Ok(())
    }
}
