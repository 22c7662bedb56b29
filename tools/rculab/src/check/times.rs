// SPDX-License-Identifier: GPL-2.0

//! How long things take that people wait for.
//!
//! Only in a full check, or by name (`make check T=times`): the limits are for two CPUs that have
//! nothing else to do, and no KVM.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

use crate::check::{Context, exits, suite::Suite};

/// What is measured of a command.
#[derive(Clone, Copy)]
enum Measure {
    /// From its start to its end.
    Whole,
    /// From the start of the guest's kernel to the first word of init.
    Up,
    /// From its start to the first line of a stall report.
    FirstStallLine,
}

/// Name, arguments of rculab, what is measured, and seconds at most.
type Limit = (&'static str, &'static [&'static str], Measure, f64);

const LIMITS: [Limit; 6] = [
    (
        "lab: kernel to userspace",
        &["run", "nothing.sh", "--kernel", "lab"],
        Measure::Up,
        2.0,
    ),
    (
        "lab: boot, load, power off",
        &["run", "nothing.sh", "--kernel", "lab"],
        Measure::Whole,
        4.0,
    ),
    (
        "debug: kernel to userspace",
        &["run", "nothing.sh", "--kernel", "debug"],
        Measure::Up,
        25.0,
    ),
    (
        "lab: reader stall",
        &["stall", "reader", "--kernel", "lab"],
        Measure::Whole,
        8.0,
    ),
    (
        "lab: reader stall in a time warp",
        &["stall", "reader", "--kernel", "lab", "--warp"],
        Measure::Whole,
        12.0,
    ),
    (
        "demo: first stall line",
        &["demo"],
        Measure::FirstStallLine,
        20.0,
    ),
];

pub fn run(context: &Context<'_>, suite: &Suite) -> anyhow::Result<()> {
    if !context.full && !suite.is_named() {
        return Ok(());
    }
    let scratch = suite.dir.file("times");
    fs::create_dir_all(&scratch)?;
    fs::write(scratch.join("nothing.sh"), "true\n")?;
    for (name, args, what, limit) in LIMITS {
        if !suite.wants(name) {
            continue;
        }
        // The first run makes what is missing.
        let result = measure(&scratch, args, what).and_then(|_| measure(&scratch, args, what));
        match result {
            Ok(took) if took <= limit => suite.pass(name, Duration::from_secs_f64(took)),
            Ok(took) => {
                let why = format!("{took:.1} s, expected {limit} s at most");
                suite.fail(name, Duration::from_secs_f64(took), &why);
            }
            Err(e) => suite.fail(name, Duration::ZERO, &format!("{e:#}")),
        }
    }
    Ok(())
}

/// Runs rculab, and returns the seconds that were asked for.
fn measure(scratch: &Path, args: &[&str], what: Measure) -> anyhow::Result<f64> {
    let start = Instant::now();
    let output = Command::new(env::current_exe()?)
        .args(args)
        .current_dir(scratch)
        .stdin(Stdio::null())
        .output()?;
    let whole = start.elapsed().as_secs_f64();
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}:\n{stderr}", output.status);
    match what {
        Measure::Whole => Ok(whole),
        Measure::Up => {
            let results = fs::read_to_string(exits::run_dir(&stderr)?.join("results.log"))?;
            let up = results.lines().find_map(|line| line.strip_prefix("@up "));
            Ok(up.context("init did not say when it was up")?.parse()?)
        }
        Measure::FirstStallLine => {
            let (_, rest) = stderr
                .split_once("first stall line came after ")
                .context("no stall")?;
            let seconds = rest.split_whitespace().next().context("no time")?;
            Ok(seconds.parse()?)
        }
    }
}
