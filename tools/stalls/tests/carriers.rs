// SPDX-License-Identifier: GPL-2.0

//! What carries more than lines: crash dumps in flash, packets, wrapped and labelled consoles.
//!
//! The records are shaped as the carriers write them; the report inside is the lab's.

use stalls::{Cause, Episode};

fn read(text: &str) -> Vec<Episode> {
    stalls::explain(text.as_bytes()).expect("reading memory does not fail")
}

fn only(text: &str) -> Episode {
    let mut episodes = read(text);
    assert_eq!(episodes.len(), 1, "{text}\n{episodes:#?}");
    episodes.remove(0)
}

/// What is to be read, whatever carried it.
fn check(episode: &Episode) {
    assert_eq!(
        (episode.detected_by, episode.stalled_cpus.as_slice()),
        (Some(0), &[1][..])
    );
    assert_eq!(
        (episode.elapsed_jiffies, episode.gp_seq, episode.ncpus),
        (Some(752), Some(-251), Some(2))
    );
    assert_eq!(episode.cause, Cause::IrqsOff);
    assert_eq!(episode.culprit.as_deref(), Some("hold_cpu"));
}

const REPORT: [&str; 7] = [
    "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
    "rcu: \t1-...0: (1 GPs behind) idle=3f04/1/0x4000000000000000 softirq=454/454 fqs=286",
    "rcu: \t(detected by 0, t=752 jiffies, g=-251, q=351 ncpus=2)",
    "Sending NMI from CPU 0 to CPUs 1:",
    "NMI backtrace for cpu 1",
    "RIP: 0010:hold_cpu+0x5f/0x90 [stall_torture]",
    "EFLAGS: 00010087",
];

fn carried(carry: impl Fn(usize, &str) -> String) -> String {
    let lines = REPORT.iter().enumerate();
    lines.map(|(at, line)| carry(at, line) + "\n").collect()
}

#[test]
fn a_record_of_pstore() {
    let dump = carried(|at, line| format!("<3>[   12.311{at:03}] {line}"));
    check(&only(&format!("Panic#1 Part1\n{dump}")));
    check(&only(&format!(
        "Oops#2 Part3\n<6>[   12.000000] cut in the mid{dump}"
    )));
    // dmesg-ramoops begins with a header of its own.
    check(&only(&format!(
        "====1718000000.123456-D\nPanic#1 Part1\n{dump}"
    )));
}

#[test]
fn the_log_of_a_crashed_kernel() {
    // vmcore-dmesg writes levels and times, and a backslash for a tab.
    let dump = carried(|at, line| format!("<3>[   12.311{at:03}] {}", line.replace('\t', "\\x09")));
    check(&only(&dump));
    // crash's `log -m` and `log -T` print the level after the time, or the time of day.
    check(&only(&carried(|at, line| {
        format!("[   12.311{at:03}] <3>{line}")
    })));
    check(&only(&carried(|_, line| {
        format!("[Tue Jan  2 03:04:05 UTC 2024] {line}")
    })));
}

#[test]
fn an_extended_netconsole_cuts_long_lines() {
    let lines = |at: usize, line: &str| format!("3,{},12311{at:03},-;{line}", 600 + at);
    check(&only(&carried(lines)));
    check(&only(&carried(|at, line| {
        format!("3,{},12311{at:03},-,caller=C0;{line}", 600 + at)
    })));
    // In two packets, as if a packet held no more than twenty bytes.
    let pieces = carried(|at, line| {
        let (first, second) = line.split_at(line.len().min(20));
        let head = format!("3,{},12311{at:03},-,ncfrag=", 600 + at);
        let total = line.len();
        if second.is_empty() {
            return format!("{head}0/{total};{first}");
        }
        format!("{head}0/{total};{first}\n{head}20/{total};{second}")
    });
    // The header's anchor must be whole for a log that says nothing else: it comes in one packet.
    let (_, rest) = pieces
        .split_once(REPORT[0].split_at(20).1)
        .expect("the header's end");
    check(&only(&format!("{}{rest}", lines(0, REPORT[0]))));
    // A packet was lost: its line is, and nothing else.
    let lost = carried(|at, line| match at {
        3 => format!("3,603,12311003,-,ncfrag=20/{};{}", line.len(), &line[20..]),
        _ => lines(at, line),
    });
    check(&only(&lost));
}

#[test]
fn a_release_before_the_record() {
    // netconsole's `release` option puts the kernel's version first.
    check(&only(&carried(|at, line| {
        format!("7.2.12,3,{},12311{at:03},-;{line}", 600 + at)
    })));
}

#[test]
fn kernel_lines_in_logcat() {
    for tag in ["kernel  :", "KERNEL  :", "klogd   :"] {
        check(&only(&carried(|_, line| {
            format!("01-02 03:04:05.678     0     0 E {tag} [   12.311000] {line}")
        })));
    }
    check(&only(&carried(|at, line| {
        format!(
            "01-02 03:04:05.678  root     0     0 E kernel  : [   12.311{at:03}][    C0] {line}"
        )
    })));
    // Android's own format of the last boot's console.
    check(&only(&carried(|at, line| {
        format!("<3>[   12.311{at:03}][    T0]  {line}")
    })));
}

#[test]
fn consoles_of_many_machines() {
    for prefix in [
        "10.1.10.21: kern:     err: [2021-01-28T16:34:09.437804804Z]: ",
        "00:04:01.533371  [   39.499657] ",
        "2024-01-02 03:04:05 console.node17 | [   39.499657] ",
        "[guest-3] [   39.499657] ",
        "ttyUSB0> [   39.499657] ",
    ] {
        check(&only(&carried(|_, line| format!("{prefix}{line}"))));
    }
}

#[test]
fn a_line_that_is_held_keeps_its_place() {
    // Found by fuzzing: the first header waits for its other half while another machine reports.
    let log = format!(
        "Nov  4 19:39:04 a kernel: INFO: rcu_bh self-detected stall on CPU {{ 0}}  (t=0\n{}{}\n",
        carried(|at, line| format!("[   12.311{at:03}] {line}")),
        "usb 1-1: new device\n".repeat(300)
    );
    let whole = read(&log);
    let mut scanner = stalls::Scanner::new();
    let mut pieces: Vec<Episode> = Vec::new();
    for piece in log.as_bytes().chunks(32) {
        pieces.extend(scanner.feed(piece));
    }
    pieces.extend(scanner.finish());
    assert_eq!(whole, pieces);
    assert_eq!(
        whole.iter().map(|episode| episode.line).collect::<Vec<_>>(),
        [1, 2]
    );
}

#[test]
fn dmesg_and_the_journal_as_records() {
    // `dmesg --json` of util-linux, and `journalctl -o json`.
    let dmesg = carried(|at, line| {
        let comma = if at + 1 < REPORT.len() { "," } else { "" };
        let msg = line.replace('\t', "\\t");
        format!(
            "      {{\n         \"pri\": 3,\n         \"time\":     12.311{at:03},\n         \"msg\": \"{msg}\"\n      }}{comma}"
        )
    });
    check(&only(&format!("{{\n   \"dmesg\": [\n{dmesg}   ]\n}}\n")));
    check(&only(&carried(|at, line| {
        let line = line.replace('\t', "\\t");
        format!(
            "{{\"_HOSTNAME\":\"box\",\"MESSAGE\":\"{line}\",\"__MONOTONIC_TIMESTAMP\":\"12311{at:03}\"}}"
        )
    })));
    // `journalctl -o export`: a field a line.
    check(&only(&carried(|at, line| {
        format!("__MONOTONIC_TIMESTAMP=12311{at:03}\n_TRANSPORT=kernel\nMESSAGE={line}\n")
    })));
    // LAVA's log: YAML, a record a line.
    check(&only(&carried(|at, line| {
        let line = line.replace('\t', "\\t");
        format!(
            "- {{\"dt\": \"2024-01-02T03:04:05.678901\", \"lvl\": \"target\", \"msg\": \"[   12.311{at:03}] {line}\"}}"
        )
    })));
    // The same as another writer quotes it: only what needs it, and how it needs it.
    check(&only(&carried(|at, line| {
        let msg = if line.contains('\t') {
            format!("\"\\e[0m[   12.311{at:03}] {}\"", line.replace('\t', "\\t"))
        } else {
            format!("'[   12.311{at:03}] {}'", line.replace('\'', "''"))
        };
        format!("- {{dt: '2019-07-18T09:10:11.123456', lvl: target, msg: {msg}}}")
    })));
    check(&only(&carried(|_, line| {
        format!("- {{dt: '2019-07-18T09:10:11.123456', lvl: target, msg: {line}}}")
    })));
}
