// SPDX-License-Identifier: GPL-2.0

//! The head of a report: header, CPUs, lists, and the line that ends it.

use regex::Captures;

use super::format::{
    CPU, CPU_FALSE, CPU_FQS, CPU_IDLE, CPU_NO_HZ, CPU_RCUC, CPU_SOFTIRQ, ENDED, EXPEDITED,
    HEADER_CSD, HEADER_EXPEDITED, HEADER_OLD_ONE, HEADER_OLD_OTHER, HEADER_ONE, HEADER_OTHER,
    HEADER_SELF, HEADER_TASKS, HEADER_TINY, LIST_ITEM, SUMMARY_OTHER, SUMMARY_SELF, SUMMARY_TORN,
};
use super::{Cpu, Expedited, Fact, Header, Summary, end, number, signed, text};
use crate::model::Kind;

pub(super) fn info(line: &str) -> Option<(Fact, usize)> {
    let plain = |kind, found: &Captures<'_>| Header {
        kind,
        flavor: text(found, 1),
        list: false,
        cpu: None,
        elapsed: None,
        ticks: None,
        callbacks: None,
        suppressed: false,
    };
    if let Some(found) = HEADER_SELF.captures(line) {
        let header = Header {
            list: found.get(2).is_some(),
            ..plain(Kind::SelfDetected, &found)
        };
        return Some((Fact::Header(header), end(&found)));
    }
    if let Some(found) = HEADER_OTHER.captures(line) {
        let header = Header {
            list: found.get(2).is_some(),
            ..plain(Kind::Detected, &found)
        };
        return Some((Fact::Header(header), end(&found)));
    }
    if let Some(found) = HEADER_EXPEDITED.captures(line) {
        let header = Header {
            list: true,
            ..plain(Kind::Expedited, &found)
        };
        return Some((Fact::Header(header), end(&found)));
    }
    if let Some(found) = HEADER_TASKS.captures(line) {
        return Some((Fact::Header(plain(Kind::Tasks, &found)), end(&found)));
    }
    if let Some(found) = HEADER_CSD.captures(line) {
        let kind = if text(&found, 2) == "stall" {
            Kind::Detected
        } else {
            Kind::Expedited
        };
        let header = Header {
            suppressed: true,
            ..plain(kind, &found)
        };
        return Some((Fact::Header(header), end(&found)));
    }
    if let Some(found) = HEADER_ONE
        .captures(line)
        .or_else(|| HEADER_OLD_ONE.captures(line))
    {
        let header = Header {
            cpu: number(&found, 2),
            elapsed: number(&found, 3),
            ..plain(Kind::SelfDetected, &found)
        };
        return Some((Fact::Header(header), end(&found)));
    }
    if let Some(found) = HEADER_OLD_OTHER.captures(line) {
        let header = Header {
            list: true,
            ..plain(Kind::Detected, &found)
        };
        return Some((Fact::Header(header), end(&found)));
    }
    if let Some(found) = HEADER_TINY.captures(line) {
        let header = Header {
            // Tiny RCU knows one CPU only.
            cpu: Some(0),
            ticks: number(&found, 2),
            elapsed: number(&found, 3),
            callbacks: number(&found, 4),
            ..plain(Kind::SelfDetected, &found)
        };
        return Some((Fact::Header(header), end(&found)));
    }
    let found = ENDED.captures(line)?;
    Some((Fact::Ended, end(&found)))
}

pub(super) fn summary(line: &str) -> Option<(Fact, usize)> {
    if let Some(found) = SUMMARY_SELF.captures(line) {
        let summary = Summary {
            detected_by: None,
            elapsed: number(&found, 1),
            gp_seq: signed(&found, 2),
            callbacks: number(&found, 3),
            ncpus: number(&found, 4),
            torn: false,
        };
        return Some((Fact::Summary(summary), end(&found)));
    }
    if let Some(found) = SUMMARY_TORN.captures(line) {
        let summary = Summary {
            detected_by: number(&found, 2),
            elapsed: number(&found, 3),
            gp_seq: signed(&found, 4),
            torn: true,
            ..Summary::default()
        };
        return Some((Fact::Summary(summary), found[1].len()));
    }
    let found = SUMMARY_OTHER.captures(line)?;
    let summary = Summary {
        detected_by: number(&found, 1),
        elapsed: number(&found, 2),
        gp_seq: signed(&found, 3),
        callbacks: number(&found, 4),
        ncpus: number(&found, 5),
        torn: false,
    };
    Some((Fact::Summary(summary), end(&found)))
}

pub(super) fn cpu(line: &str) -> Option<(Fact, usize)> {
    let found = CPU.captures(line)?;
    let mut cpu = Cpu {
        cpu: number(&found, 1)?,
        flags: text(&found, 2),
        value: number(&found, 3)?,
        behind: found
            .get(4)
            .is_some_and(|title| title.as_str() == "GPs behind"),
        nesting: None,
        nmi_nesting: None,
        softirq: None,
        fqs: None,
        rcuc: None,
        false_positive: false,
    };
    let mut at = end(&found);
    if let Some(found) = CPU_IDLE.captures(&line[at..]) {
        // Hexadecimal until 5.x, decimal since: what counts is whether it is zero.
        let hex = |group| {
            let text = found.get(group)?.as_str();
            i128::from_str_radix(text.trim_start_matches("0x"), 16).ok()
        };
        cpu.nesting = hex(2);
        cpu.nmi_nesting = hex(3);
        at += end(&found);
    }
    // The order of these changed over the years.
    loop {
        let rest = &line[at..];
        if let Some(found) = CPU_SOFTIRQ.captures(rest) {
            cpu.softirq = number(&found, 1).zip(number(&found, 2));
            at += end(&found);
        } else if let Some(found) = CPU_FQS.captures(rest) {
            cpu.fqs = number(&found, 1);
            at += end(&found);
        } else if let Some(found) = CPU_RCUC.captures(rest) {
            cpu.rcuc = number(&found, 1);
            at += end(&found);
        } else if let Some(found) = CPU_FALSE.find(rest) {
            cpu.false_positive = true;
            at += found.end();
        } else if let Some(found) = CPU_NO_HZ.find(rest) {
            at += found.end();
        } else {
            break;
        }
    }
    Some((Fact::Cpu(cpu), at))
}

/// Reads the inside of a list in braces, or a part of it.
///
/// Unlike [`read`] this needs to know that a list is open: ` 2 3}` means nothing elsewhere.
#[must_use]
pub fn list(line: &str) -> Option<(Fact, &str)> {
    let mut rest = line.trim_start();
    let (mut cpus, mut tasks) = (Vec::new(), Vec::new());
    let mut answered = None;
    while let Some(found) = LIST_ITEM.captures(rest) {
        if cpus.is_empty() {
            answered = text(&found, 3).chars().nth(3).map(|flag| flag == '.');
        }
        tasks.extend(number::<u32>(&found, 1));
        cpus.extend(number::<u32>(&found, 2));
        let mut length = end(&found);
        if rest[..length].ends_with('}') {
            length -= 1;
        }
        rest = rest[length..].trim_start();
        if rest.starts_with('}') {
            break;
        }
    }
    let closed = rest.starts_with('}');
    if closed {
        rest = rest[1..].trim_start();
    } else if cpus.is_empty() && tasks.is_empty() {
        return None;
    }
    Some((
        Fact::List {
            cpus,
            answered,
            tasks,
            closed,
        },
        rest,
    ))
}

/// Reads what follows an expedited report's list.
#[must_use]
pub fn expedited(line: &str) -> Option<(Fact, &str)> {
    let found = EXPEDITED.captures(line)?;
    let fact = Expedited {
        elapsed: number(&found, 1)?,
        seq: signed(&found, 2),
    };
    Some((Fact::Expedited(fact), line[end(&found)..].trim_start()))
}
