// SPDX-License-Identifier: GPL-2.0

//! Takes off a line whatever carried it: time stamps, levels, syslog, journal, mail quotes.
//!
//! Each kind of prefix is one row of a table, and rows are taken off in any order for as long
//! as one matches: a mail that quotes a syslog of a serial console needs no row of its own.

mod escape;
mod prefixes;
mod record;

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use escape::{undo, unescape};
use prefixes::{PREFIXES, Says};
use record::{json, record};

/// What is left of a line, and what its prefix said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line<'a> {
    /// What the kernel printed.
    pub text: Cow<'a, str>,
    /// The kernel's own time stamp, in seconds.
    pub time: Option<f64>,
    /// printk's caller: `C16` or `T123`.
    pub caller: Option<String>,
    /// The machine, or the log within the log.
    pub source: Option<String>,
    /// The prefix is one that only a log has.
    pub stamped: bool,
    /// Something else was printed into the line before it.
    pub torn: bool,
    /// It is a piece of a longer line.
    pub part: Option<Part>,
}

/// Which piece of a line: a netconsole's packet holds no more than a kilobyte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it begins.
    pub at: usize,
    /// How long the whole is.
    pub total: usize,
}

impl Line<'_> {
    /// A line that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Line<'static> {
        Line {
            text: Cow::Owned(self.text.into_owned()),
            time: self.time,
            caller: self.caller,
            source: self.source,
            stamped: self.stamped,
            torn: self.torn,
            part: self.part,
        }
    }
}

/// At most this many prefixes are taken off one line.
const DEPTH: usize = 12;

/// Reads one line, without its end.
#[must_use]
pub fn line(raw: &[u8]) -> Line<'_> {
    let text = match undo(raw) {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    };
    if let Some(line) = record(&text).and_then(|record| json(&record)) {
        return line;
    }
    let text = unescape(text);
    let mut line = Line::default();
    let mut end = strip(&text, &mut line);
    line.part = part(&text[..end]);
    if line.part.is_some() {
        // Nor are those at its beginning.
        end = text[..end].rfind(';').map_or(end, |at| at + 1);
    }
    // The blanks at a piece's end are inside the line.
    let trim = |text: &str| {
        if line.part.is_some() {
            text.len()
        } else {
            text.trim_end().len()
        }
    };
    line.text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[end..end + trim(&text[end..])]),
        Cow::Owned(text) => Cow::Owned(text[end..end + trim(&text[end..])].to_owned()),
    };
    line
}

/// Reads which piece of a line an extended netconsole says this is.
fn part(prefix: &str) -> Option<Part> {
    let (_, value) = prefix.split_once(",ncfrag=")?;
    let (at, total) = value.split_once(';')?.0.split_once('/')?;
    Some(Part {
        at: at.parse().ok()?,
        total: total.parse().ok()?,
    })
}

/// Takes prefixes off `text`, and says where what is left begins.
fn strip(text: &str, line: &mut Line<'_>) -> usize {
    static STAMP: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\[\s*\d+\.\d{6}\]").expect("a constant pattern"));
    let at = strip_known(text, line);
    if line.stamped {
        return at;
    }
    // A prefix that we do not know, or half a line of something else, and then printk's time.
    let Some(stamp) = STAMP.find(&text[at..]) else {
        return at;
    };
    let stamp = at + stamp.start();
    line.torn = text[..stamp].ends_with(|c: char| c.is_alphanumeric());
    stamp + strip_known(&text[stamp..], line)
}

/// Takes printk's time off the beginning of `text`: nearly every line has it, and no table is needed.
fn stamp(text: &str) -> Option<(f64, usize)> {
    let inside = text.strip_prefix('[')?;
    let end = inside.find(']')?;
    let value = inside[..end].trim_start();
    let (seconds, fraction) = value.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.len() != 6 || !digits(seconds) || !digits(fraction) {
        return None;
    }
    Some((value.parse().ok()?, end + 2))
}

/// Seconds, from microseconds.
fn micros(value: &str) -> Option<f64> {
    value.parse::<f64>().ok().map(|us| us / 1e6)
}

/// The CPU and the task that print.
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\Ac(\d{1,2})\s+\d{1,7} (?:\([^()]{1,20}\) )?").expect("a constant pattern")
});

/// The CPU in `000: `, but not that of a stall's list: `128: (2 ticks this GP)`.
fn printing_cpu(text: &str) -> Option<u32> {
    let (cpu, rest) = text.split_once(": ")?;
    let digits = cpu.len() == 3 && cpu.bytes().all(|byte| byte.is_ascii_digit());
    let prints = digits && !rest.starts_with('(');
    prints.then(|| cpu.parse().ok())?
}

/// Takes known prefixes off `text`, and says where what is left begins.
fn strip_known(text: &str, line: &mut Line<'_>) -> usize {
    let mut at = 0;
    if let Some((time, end)) = stamp(text) {
        line.time = Some(time);
        line.stamped = true;
        at = end;
    }
    for _ in 0..DEPTH {
        at += text[at..].len() - text[at..].trim_start().len();
        let rest = &text[at..];
        // What the kernel prints begins like this, and is not to be taken for a prefix.
        let Some(first) = rest.bytes().next() else {
            break;
        };
        if !(first.is_ascii_alphanumeric() || b"<>|[`*(-".contains(&first)) {
            break;
        }
        // PREEMPT_RT's printk of 5.0 to 5.9 says which CPU prints.
        if line.time.is_some() && line.caller.is_none() {
            if let Some(cpu) = printing_cpu(rest) {
                line.caller = Some(format!("C{cpu}"));
                at += "000: ".len();
                continue;
            }
            // Phones' kernels say it, too, and the task: `c0    31 `, `c0 31 (kworker/0:1) `.
            if let Some(found) = PHONE.captures(rest) {
                line.caller = Some(format!("C{}", &found[1]));
                at += found[0].len();
                continue;
            }
        }
        // After the kernel's own time comes the kernel's own text, or something in brackets.
        if line.time.is_some() && first.is_ascii_alphanumeric() && !rest.contains(" kernel") {
            break;
        }
        let row = PREFIXES.set.matches(rest.as_bytes()).iter().next();
        let Some((says, found)) = row.and_then(|row| {
            let (says, regex) = &PREFIXES.rows[row];
            Some((*says, regex.captures(rest)?))
        }) else {
            break;
        };
        let value = found.get(1).map(|group| group.as_str());
        match says {
            Says::Nothing => {}
            Says::Log => line.stamped = true,
            Says::Seconds => {
                line.time = value.and_then(|value| value.parse().ok());
                line.stamped = true;
            }
            Says::Micros => {
                line.time = value.and_then(micros);
                line.stamped = true;
            }
            Says::Relayed => {
                line.source = value.map(str::to_owned);
                line.time = found.get(2).and_then(|time| micros(time.as_str()));
                line.stamped = true;
            }
            Says::Caller => {
                line.caller = value.map(str::to_owned);
                line.stamped = true;
            }
            Says::Source => {
                line.source = value.map(str::to_owned);
                line.stamped = true;
            }
            // An address on a stack stands in brackets, too.
            Says::Label
                if value.is_some_and(|label| label.bytes().all(|b| b.is_ascii_hexdigit())) =>
            {
                break;
            }
            Says::Label => line.source = value.map(str::to_owned),
        }
        let Some(whole) = found.get(0) else { break };
        at += whole.end();
    }
    at + text[at..].len() - text[at..].trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, time: Option<f64>, text: &str) {
        let line = line(raw.as_bytes());
        assert_eq!((line.time, line.text.as_ref()), (time, text), "{raw:?}");
    }

    #[test]
    fn takes_off_what_carried_the_line() {
        const INFO: &str = "rcu: INFO: rcu_sched self-detected stall on CPU";
        for (prefix, time) in [
            ("", None),
            ("[  123.456789] ", Some(123.456789)),
            ("[  123.456789][   C16] ", Some(123.456789)),
            ("[  123.456789] c0    31 ", Some(123.456789)),
            ("[  123.456789] c10 31 (kworker/0:1) ", Some(123.456789)),
            ("[  123.456789] [   T16] ", Some(123.456789)),
            ("<3>[  123.456789] ", Some(123.456789)),
            ("<3>", None),
            ("[Tue Jan  2 03:04:05 2024] ", None),
            ("[Jan 2 03:04] ", None),
            ("[  +0.000012] ", None),
            ("kern  :err   : [  123.456789] ", Some(123.456789)),
            (
                "Nov 24 19:39:04 box kernel: [ 3556.510903] ",
                Some(3556.510903),
            ),
            ("Nov 24 19:39:04 box kernel: ", None),
            (
                "2026-04-16T16:52:54.771332-04:00 realtime-pc kernel: ",
                None,
            ),
            ("2024-01-01T00:00:00+0000 box kernel: ", None),
            ("[    1.234567] box kernel: ", Some(1.234567)),
            ("3,1234,123456789,-;", Some(123.456789)),
            (
                "Dec  7 10:12:34 192.0.2.1 3,1234,123456789,-;",
                Some(123.456789),
            ),
            ("> > ", None),
            (">> >> >>> [   42.974327] ", Some(42.974327)),
            ("01-02 03:04:05.678     0     0 E         : ", None),
            (
                "01-02 03:04:05.678  root     0     0 E kernel  : [  123.456789] ",
                Some(123.456789),
            ),
            (
                "2024-01-01T00:00:00.1234567Z [  123.456789] ",
                Some(123.456789),
            ),
            (
                "Mon Jan  1 00:00:00 2024 kern.err kernel: [  123.456789] ",
                Some(123.456789),
            ),
            ("guest-3  | [  123.456789] ", Some(123.456789)),
            ("<p>&lt;3&gt;[  123.456789] ", Some(123.456789)),
        ] {
            check(&format!("{prefix}{INFO}"), time, INFO);
        }
    }

    #[test]
    fn the_logcat_tag_is_the_kernel_prefix() {
        check(
            "01-02 03:04:05.678     0     0 E rcu     : INFO: x",
            None,
            "rcu     : INFO: x",
        );
    }

    #[test]
    fn undoes_escapes() {
        check("kernel: rcu: #0111-...!: x", None, "rcu: \t1-...!: x");
        check("\x1b[1;31m[    1.000000] x\x1b[0m\r", Some(1.0), "x");
        check("> idle=3D2c84/1", None, "idle=2c84/1");
        check(
            r#"{"_HOSTNAME":"box","MESSAGE":"rcu: \tx","_SOURCE_MONOTONIC_TIMESTAMP":"1500000"}"#,
            Some(1.5),
            "rcu: \tx",
        );
    }

    #[test]
    fn stack_marks_and_frames_stay() {
        check("[    1.000000]  <IRQ>", Some(1.0), "<IRQ>");
        check(
            "[    1.000000]  [<ffffffff810ab6ea>] f+0x1/0x2",
            Some(1.0),
            "[<ffffffff810ab6ea>] f+0x1/0x2",
        );
        check("[    1.000000]  (t=5 jiffies)", Some(1.0), "(t=5 jiffies)");
        check("\t0-...0: (5 ticks", None, "0-...0: (5 ticks");
    }
}
