// SPDX-License-Identifier: GPL-2.0

//! The host tool's own tests, and the linters of the whole repository.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
    time::Instant,
};

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

pub fn run(context: &Context<'_>, suite: &mut Suite) -> anyhow::Result<()> {
    let tools = context.place.file("tools");
    for (name, program, args) in STEPS {
        if suite.wants(name) {
            command(
                suite,
                name,
                Command::new(program).args(args).current_dir(&tools),
            )?;
        }
    }
    if suite.wants("test") {
        cargo_test(suite, &tools)?;
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
fn command(suite: &mut Suite, name: &str, command: &mut Command) -> anyhow::Result<()> {
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
fn cargo_test(suite: &mut Suite, tools: &Path) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut cargo = Command::new("cargo");
    cargo
        .args(["test", "--locked", "--workspace"])
        .current_dir(tools);
    let (good, output) = logged(suite, "test", &mut cargo)?;
    let mut failed = false;
    for line in output.lines() {
        let Some((name, result)) = line
            .strip_prefix("test ")
            .and_then(|test| test.rsplit_once(" ... "))
        else {
            continue;
        };
        let name = format!("test/{name}");
        match result {
            "ok" => suite.pass(&name, start.elapsed()),
            "ignored" => suite.skip(&name, "ignored"),
            _ => {
                failed = true;
                suite.fail(&name, start.elapsed(), result);
            }
        }
    }
    if !good && !failed {
        suite.fail("test", start.elapsed(), &tail(&output));
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
