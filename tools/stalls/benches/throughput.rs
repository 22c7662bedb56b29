// SPDX-License-Identifier: GPL-2.0

//! How fast a log without stalls is read, beside `grep -c rcu` on the same file in the same run.
//!
//! `cargo bench` prints MB/s, as a table and as a line of JSON, and fails below 300 MB/s, or below
//! a third of grep's speed. A log of nothing but stalls is read as well, and is shown only.

use std::fs::{self, File};
use std::io::Write;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// Big enough that the start of a process does not count.
const SIZE: usize = 512 << 20;
const RUNS: usize = 5;

/// What a busy machine logs: no stall, and now and then the words that a stall has.
const LINES: [&str; 6] = [
    "Nov 24 19:39:04 box systemd[1]: Started Session 4711 of user root.",
    "Nov 24 19:39:04 box kernel: [ 3556.510903] usb 1-1: new high-speed USB device number 2 using xhci_hcd",
    "Nov 24 19:39:05 box dpkg[812]: status installed libstalloc2:amd64 1.0-1",
    "Nov 24 19:39:05 box kernel: [ 3557.000001] rcu: Adjusting geometry for rcu_fanout_leaf=16, nr_cpu_ids=8.",
    "Nov 24 19:39:06 box sshd[4712]: Accepted publickey for root from 192.0.2.1 port 40022 ssh2",
    "Nov 24 19:39:06 box kernel: [ 3558.123456] EXT4-fs (vda1): mounted filesystem with ordered data mode",
];

/// A report, shortened; each has a grace period of its own.
const REPORT: [&str; 12] = [
    "rcu: INFO: rcu_preempt self-detected stall on CPU",
    "rcu: \t2-....: (2658 ticks this GP) idle=b7d4/1/0x4000000000000000 softirq=205/205 fqs=648",
    "rcu: \t(t=3002 jiffies g=GP q=939 ncpus=4)",
    "CPU: 2 UID: 0 PID: 79 Comm: rcu_torture_sta Not tainted 7.2.12 #1 PREEMPT",
    "RIP: 0010:kthread_should_stop+0xf/0x30",
    "RAX: ffff888000cc4980 RBX: 0000000000000001 RCX: 0000000000000172",
    "Call Trace:",
    " <TASK>",
    " rcu_torture_stall+0x261/0x350 [rcutorture]",
    " kthread+0xe5/0x110",
    " ret_from_fork_asm+0x11/0x20",
    " </TASK>",
];

/// The fastest of some runs: the others were disturbed.
fn fastest(mut run: impl FnMut()) -> Duration {
    let runs = (0..RUNS).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    runs.min().unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "a speed for people")]
fn speed(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64()
}

/// A log of `size` bytes, or a line more, made by `line`.
fn log(size: usize, mut line: impl FnMut(usize, &mut Vec<u8>)) -> Vec<u8> {
    let mut text = Vec::with_capacity(size + 256);
    for at in 0.. {
        if text.len() >= size {
            break;
        }
        line(at, &mut text);
        text.push(b'\n');
    }
    text
}

fn main() -> ExitCode {
    let path = std::env::temp_dir().join(format!("stalls-bench-{}.log", std::process::id()));
    let quiet = log(SIZE, |at, text| {
        text.extend_from_slice(LINES[at % LINES.len()].as_bytes());
    });
    File::create(&path)
        .and_then(|mut file| file.write_all(&quiet))
        .expect("a log to read");
    drop(quiet);
    let stalls = log(SIZE / 32, |at, text| {
        let report = at / REPORT.len();
        let line = REPORT[at % REPORT.len()].replace("GP", &report.to_string());
        text.extend_from_slice(format!("[{report:5}.000001] {line}").as_bytes());
    });

    let ours = fastest(|| {
        let found = stalls::explain(File::open(&path).expect("it was written")).expect("readable");
        assert!(found.is_empty());
    });
    let grep = fastest(|| {
        Command::new("grep")
            .args(["-c", "rcu"])
            .arg(&path)
            .output()
            .expect("grep is installed");
    });
    let full = fastest(|| {
        let found = stalls::explain(stalls.as_slice()).expect("readable");
        assert!(!found.is_empty());
    });
    fs::remove_file(&path).expect("it is ours");

    let rows = [
        ("stalls", speed(SIZE, ours)),
        ("grep -c rcu", speed(SIZE, grep)),
        ("stalls, nothing but stalls", speed(stalls.len(), full)),
    ];
    for (name, speed) in rows {
        println!("{name:26} {speed:6.0} MB/s");
    }
    let json = serde_json::json!({
        "mb_per_s": {"stalls": rows[0].1, "grep": rows[1].1, "nothing_but_stalls": rows[2].1},
        "grep_times": ours.as_secs_f64() / grep.as_secs_f64(),
    });
    println!("{json}");
    if rows[0].1 < 300.0 || ours > 3 * grep {
        println!("too slow: at least 300 MB/s, and a third of grep, are promised");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
