// SPDX-License-Identifier: GPL-2.0

//! How fast a log without stalls is read, beside `grep -c rcu` on the same file in the same run.
//!
//! `cargo bench` prints MB/s and fails below 300 MB/s, or below a third of grep's speed.

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
fn speed(time: Duration) -> f64 {
    SIZE as f64 / 1e6 / time.as_secs_f64()
}

fn main() -> ExitCode {
    let path = std::env::temp_dir().join(format!("stalls-bench-{}.log", std::process::id()));
    let mut text = Vec::with_capacity(SIZE + 256);
    for line in LINES.iter().cycle() {
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
        if text.len() >= SIZE {
            break;
        }
    }
    File::create(&path)
        .and_then(|mut file| file.write_all(&text))
        .expect("a log to read");
    drop(text);

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
    fs::remove_file(&path).expect("it is ours");

    println!("stalls       {:6.0} MB/s", speed(ours));
    println!("grep -c rcu  {:6.0} MB/s", speed(grep));
    if speed(ours) < 300.0 || ours > 3 * grep {
        println!("too slow: at least 300 MB/s, and a third of grep, are promised");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
