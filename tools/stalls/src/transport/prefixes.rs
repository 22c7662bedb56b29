// SPDX-License-Identifier: GPL-2.0

//! What stands before a line: one row for each kind.

use std::sync::LazyLock;

use regex::Regex;
use regex::bytes::{RegexSet, RegexSetBuilder};

/// What a prefix tells us.
#[derive(Clone, Copy)]
pub(super) enum Says {
    /// Nothing: quotes, markup, blanks, a bare time of day.
    Nothing,
    /// That this is a log.
    Log,
    /// The kernel's time in seconds.
    Seconds,
    /// The kernel's time in microseconds.
    Micros,
    /// Who called printk.
    Caller,
    /// The machine's name; it is a log if the row says so by its form.
    Source,
    /// The machine's name, and the kernel's time in microseconds.
    Relayed,
    /// The log's own label for a part of it.
    Label,
}

const MONTH: &str = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";

/// The rows, and the same as one set, which finds out in one pass whether any matches.
pub(super) struct Prefixes {
    pub(super) rows: Vec<(Says, Regex)>,
    pub(super) set: RegexSet,
}

pub(super) static PREFIXES: LazyLock<Prefixes> = LazyLock::new(|| {
    let table = [
        // Quotes of a mail, and of Markdown.
        (Says::Nothing, r"[>|]+ ?".into()),
        (Says::Nothing, r"`{1,3}|\*\*".into()),
        // Markup.
        (Says::Nothing, r"(?i)</?(?:p|pre|code|br|span|div|tt|samp|font|td|tr|li|blockquote)\b[^>]{0,200}>".into()),
        (Says::Nothing, r"\[/?(?:COLOR|FONT|SIZE|CODE|QUOTE|B|I)(?:=[^\]]{0,40})?\]".into()),
        // RFC 5424, then a bare level.
        (Says::Source, r"<\d{1,3}>1 \S+ (\S+) \S+ \S+ \S+ (?:-|\[[^\]]*\]) ?".into()),
        (Says::Log, r"<\d{1,3}>".into()),
        // printk's time, with what vendors add to it.
        (Says::Seconds, r"\[\s*(\d+\.\d{2,9})(?:[@,]\d+)?\]".into()),
        // The same, read off a screen that cut the bracket off.
        (Says::Seconds, r"(\d{1,7}\.\d{6})\]\s".into()),
        (Says::Log, r"\[(?:\s*\d+\.\d{6})?\s*[<+]\s*\d+\.\d+>?\]".into()),
        (Says::Caller, r"\[\s*([CT]\d+)\]".into()),
        (Says::Log, format!(r"\[(?:\w{{3}} )?{MONTH} ?\s?\d{{1,2}} \d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?: \d{{4}})?(?:\s*<\s*\d+\.\d+>)?\]")),
        (Says::Log, r"-?\(\d+\)\[\d+:[^\]]{0,40}\]".into()),
        (Says::Log, r"[A-Z]?\[\d+:\s*[^\]]{0,40}:\s*\d+\]".into()),
        // The same in another language.
        (
            Says::Log,
            r"\[\S{2,5} \S{3,6}\s+\d{1,2} \d\d:\d\d:\d\d \d{4}\]".into(),
        ),
        // A record of /dev/kmsg, or of an extended netconsole.
        (Says::Micros, r"\d+,\d+,(\d+),[^;]{0,60};".into()),
        // logcat, whose tag may be the kernel's own prefix.
        (Says::Log, r"(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,6}\s+(?:\w+\s+)?\d+\s+\d+ [VDIWEFS] (?:kernel|KERNEL|klogd)?\s*: ".into()),
        (Says::Log, r"(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,6}\s+(?:\w+\s+)?\d+\s+\d+ [VDIWEFS] ".into()),
        // syslog that tells facility and level instead of the machine, as routers' does.
        (Says::Log, format!(r"(?:\w{{3}} )?{MONTH}\s+\d{{1,2}} (?:\d{{4}} )?\d\d:\d\d:\d\d(?:\.\d+)?(?: \d{{4}})? (?:kern|user|daemon|syslog|local\d)\.(?:emerg|alert|crit|err|warn|warning|notice|info|debug) kernel(?:\[\d+\])?: ?")),
        // A netconsole's record that a syslog took for a machine's message.
        (Says::Relayed, format!(r"{MONTH}\s+\d{{1,2}} \d\d:\d\d:\d\d (\S+) \d+,\d+,(\d+),[^;]{{0,60}};")),
        // syslog and the journal.
        (Says::Source, format!(r"(?:\w{{3}} )?{MONTH}\s+\d{{1,2}} (?:\d{{4}} )?\d\d:\d\d:\d\d(?:\.\d+)?(?: \d{{4}})?(?: [A-Z]{{3,4}})? (\S+) (?:\w+\.\w+ )?kernel(?:\[\d+\])?:(?: -+)? ?")),
        (Says::Log, format!(r"(?:\w{{3}} )?{MONTH}\s+\d{{1,2}} (?:\d{{4}} )?\d\d:\d\d:\d\d(?:\.\d+)?(?: \d{{4}})? (?:\w+\.\w+ )?kernel(?:\[\d+\])?: ?")),
        (Says::Source, r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)? (\S+) (?:\w+\.\w+ )?kernel(?:\[\d+\])?:(?: -+)? ?".into()),
        (Says::Source, r"([\w.-]{1,64}) kernel(?:\[\d+\])?: ".into()),
        (Says::Log, r"kern\s*:\s*\w+\s*: ?".into()),
        // A field of `journalctl -o export`.
        (Says::Log, "MESSAGE=".into()),
        // Talos: the node, the facility, the level, and a time in brackets.
        (Says::Source, r"([\w.:-]{1,64}): kern:\s*\w+: \[[\d:.TZ+-]{16,40}\]: ?".into()),
        (Says::Log, r"kernel(?:\[\d+\])?: ?".into()),
        // A time that anything may have put there.
        (Says::Nothing, r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?\s?".into()),
        (Says::Nothing, r"\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]?\s".into()),
        // A log that holds several.
        (Says::Label, r"([\w.@/-]{1,40})\s*\|\s".into()),
        (Says::Label, r"\[([A-Za-z][\w.@/-]{0,40})\]\s".into()),
    ];
    let table = table.map(|(says, pattern): (Says, String)| (says, format!(r"\A(?:{pattern})")));
    let regex = |pattern: &String| Regex::new(pattern).expect("a constant pattern");
    Prefixes {
        // By bytes, and with room: else the set is too big for a table, and slow.
        set: RegexSetBuilder::new(table.iter().map(|(_, pattern)| pattern))
            .unicode(false)
            .dfa_size_limit(1 << 24)
            .build()
            .expect("constant patterns"),
        rows: table
            .iter()
            .map(|(says, pattern)| (*says, regex(pattern)))
            .collect(),
    }
});
