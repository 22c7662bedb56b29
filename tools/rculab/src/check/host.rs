// SPDX-License-Identifier: GPL-2.0

//! The host tool's own tests, and the linters of the whole repository.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anstream::println;
use anyhow::Context as _;

use crate::check::{Context, suite::Suite};

/// Name, program and arguments.
type Step = (&'static str, &'static str, &'static [&'static str]);

const STEPS: [Step; 2] = [
    ("fmt", "cargo", &["fmt", "--all", "--check"]),
    (
        "clippy",
        "cargo",
        &[
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ],
    ),
];

/// Where cargo has something to do. `stalls` is a workspace of its own.
const WORKSPACES: [(&str, &str); 2] = [("rculab", "tools"), ("stalls", "tools/stalls")];

pub fn run(context: &Context<'_>, suite: &Suite) -> anyhow::Result<()> {
    for (workspace, dir) in WORKSPACES {
        let dir = context.place.file(dir);
        for (step, program, args) in STEPS {
            let name = format!("{workspace}-{step}");
            if suite.wants(&name) {
                command(
                    suite,
                    &name,
                    Command::new(program).args(args).current_dir(&dir),
                )?;
            }
        }
        let name = format!("{workspace}-test");
        if suite.wants(&name) {
            cargo_test(suite, &name, &dir)?;
        }
    }
    let lint = context.place.file("scripts/lint");
    if suite.wants("lint") {
        command(
            suite,
            "lint",
            Command::new(lint).current_dir(&context.place.top),
        )?;
    }
    Ok(())
}

/// A command is one test: it passes with exit status 0.
fn command(suite: &Suite, name: &str, command: &mut Command) -> anyhow::Result<()> {
    let start = Instant::now();
    let (good, output) = logged(suite, name, command)?;
    if good {
        suite.pass(name, start.elapsed());
    } else {
        suite.fail(name, start.elapsed(), &tail(&output));
    }
    Ok(())
}

/// Each test that cargo runs is one test.
fn cargo_test(suite: &Suite, name: &str, dir: &Path) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut cargo = Command::new("cargo");
    cargo
        .args(["test", "--locked", "--workspace", "--", "--show-output"])
        .current_dir(dir);
    let (good, output) = logged(suite, name, &mut cargo)?;
    let mut failed = false;
    for line in output.lines() {
        // How well the logs of tests/logs are read: figures, beside the verdict.
        if line.starts_with("accuracy: ") {
            println!("       {line}");
        }
        let test = line
            .strip_prefix("test ")
            .and_then(|test| test.rsplit_once(" ... "));
        let Some((test, result)) = test else { continue };
        let name = format!("{name}/{test}");
        match result {
            "ok" => suite.pass(&name, Duration::ZERO),
            "ignored" => suite.skip(&name, "ignored"),
            _ => {
                failed = true;
                suite.fail(&name, Duration::ZERO, result);
            }
        }
    }
    if !good && !failed {
        suite.fail(name, start.elapsed(), &tail(&output));
    }
    Ok(())
}

/// Runs a command with its output in a log of the run directory; says whether it succeeded.
fn logged(suite: &Suite, name: &str, command: &mut Command) -> anyhow::Result<(bool, String)> {
    let path = suite.dir.file(&format!("host-{name}.log"));
    let log = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command
        .stdout(log.try_clone()?)
        .stderr(log)
        .status()
        .with_context(|| format!("cannot run {program}"))?;
    let output = fs::read(&path)?;
    Ok((
        status.success(),
        String::from_utf8_lossy(&output).into_owned(),
    ))
}

/// The last lines of an output.
pub fn tail(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
