// SPDX-License-Identifier: GPL-2.0

//! The account as aligned tables.

use super::{
    ms,
    Account, //
};
use crate::{
    observer::{
        Class,
        Words, //
    },
    scenario::ExpectedWords,
    stall::Part, //
};
use kernel::{
    fmt,
    prelude::*, //
};
use wrappers::{
    cpu,
    rcu_state::GpSeq, //
};

/// Formats as the tables.
pub(crate) struct Table<'a>(pub(crate) &'a Account);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = self.0;
        let request = account.request;
        row(f, "what", "value")?;
        row(f, "scenario", request)?;
        row(f, "kernel", cpu::kernel_release())?;
        row(f, "round", account.round)?;
        if account.part.of > 1 {
            let Part { number, of } = account.part;
            row(f, "at once", fmt!("{number} of {of}"))?;
        }
        row(f, "victim cpu", account.place.victim.as_u32())?;
        match account.place.conductor {
            Some(cpu) => row(f, "conductor cpu", cpu.as_u32())?,
            None => row(f, "conductor cpu", "-")?,
        }
        row(f, "began at, ms", ms(account.began_ns))?;
        row(f, "stall, ms", ms(account.lasted_ns))?;
        row(f, "timeout, ms", account.timeout.as_millis())?;
        if let Some(heard) = &account.heard {
            row(f, "g= before", Seq(heard.before))?;
            row(f, "g= during", Seq(heard.during))?;
            row(f, "g= after", Seq(heard.after))?;
        }
        for (name, value) in &account.notes.facts {
            row(f, name, value)?;
        }
        if let Some(error) = account.error {
            row(f, "error", Errno(error))?;
        }
        if let Some(words) = account.words() {
            row(f, "lines heard", words.lines)?;
            row(f, "lines cut", words.cut)?;
            row(f, "pieces dropped", words.dropped)?;
            row(f, "reports", words.reports())?;
        }
        row(f, "put back", Changes(account, true))?;
        row(f, "left changed", Changes(account, false))?;
        row(f, "expected", ExpectedWords(account.expected))?;
        row(f, "verdict", account.verdict().name())?;

        match account.words() {
            Some(words) => write_words(account, words, f),
            None => Ok(()),
        }
    }
}

fn write_words(account: &Account, words: &Words, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(first) = &words.first {
        f.write_fmt(fmt!(
            "\nfirst line, after {} ms:\n{}\n",
            account.delay_ms(first.at),
            core::str::from_utf8(first.text.as_bytes()).unwrap_or("not text")
        ))?;
    }

    f.write_fmt(fmt!("\n{:<16} {:>5}\n", "line", "count"))?;
    for class in Class::all().filter(|class| words.count(*class) > 0) {
        f.write_fmt(fmt!("{:<16} {:>5}\n", class.name(), words.count(class)))?;
    }

    f.write_fmt(fmt!(
        "\n{:<16} {:>8} {:>8} {:>10}  who\n",
        "report",
        "delay,ms",
        "printed",
        "t,jiffies"
    ))?;
    for episode in &words.episodes {
        f.write_fmt(fmt!(
            "{:<16} {:>8} {:>8} ",
            episode.class.name(),
            account.delay_ms(episode.at),
            episode.printed_by
        ))?;
        match episode.jiffies {
            Some(jiffies) => f.write_fmt(fmt!("{jiffies:>10}"))?,
            None => f.write_fmt(fmt!("{:>10}", "-"))?,
        }
        f.write_fmt(fmt!("  {episode}\n"))?;
    }
    Ok(())
}

fn row(f: &mut fmt::Formatter<'_>, what: &str, value: impl fmt::Display) -> fmt::Result {
    f.write_fmt(fmt!("{what:<20} {value}\n"))
}

/// What was put back, or what was not: `kthread CPUs, clock`. That has an error each.
struct Changes<'a>(&'a Account, bool);

impl fmt::Display for Changes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        for (what, put_back) in &self.0.notes.changes {
            match put_back {
                Ok(()) if self.1 => f.write_fmt(fmt!("{comma}{what}"))?,
                Err(error) if !self.1 => f.write_fmt(fmt!("{comma}{what} ({})", Errno(*error)))?,
                _ => continue,
            }
            comma = ", ";
        }
        if comma.is_empty() {
            f.write_str("nothing")?;
        }
        Ok(())
    }
}

/// An error as the JSON has it, and its name where this kernel knows it: `-19 ENODEV`.
struct Errno(Error);

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!("{}", self.0.to_errno()))?;
        match self.0.name().and_then(|name| name.to_str().ok()) {
            Some(name) => f.write_fmt(fmt!(" {name}")),
            None => Ok(()),
        }
    }
}

/// A sequence number as the kernel prints it, and what it says.
struct Seq(GpSeq);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.0.in_flight() {
            "in flight"
        } else {
            "idle"
        };
        f.write_fmt(fmt!("{} {state}", self.0.printed()))
    }
}
