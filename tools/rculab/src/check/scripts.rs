// SPDX-License-Identifier: GPL-2.0

//! The tests of the scripts: `tests/scripts/*.sh`, which print KTAP.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    time::Instant,
};

use anyhow::Context as _;

use crate::{
    check::{
        Context, files, host,
        ktap::Stopwatch,
        suite::{Suite, Verdict},
    },
    term,
};

pub fn run(context: &Context<'_>, suite: &Suite) -> anyhow::Result<()> {
    let tests = files(&context.place.file("tests/scripts"), ".sh")?;
    let wanted: Vec<_> = tests
        .into_iter()
        .filter(|(name, _)| suite.wants(name))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let parser = context.parser()?;
    for (name, path) in wanted {
        let start = Instant::now();
        term::step(&format!("running {}", path.display()));
        let stderr = suite.dir.file(&format!("scripts-{name}.stderr"));
        let (ktap, points, status) = run_script(&path, &stderr)?;
        let results = parser.parse(&ktap, &suite.dir.file(&format!("scripts-{name}.ktap")))?;
        let failed = results
            .iter()
            .any(|point| matches!(point.verdict, Verdict::Fail(_)));
        for (point, took) in results.into_iter().zip(points.times()) {
            suite.record(&format!("{name}: {}", point.name()), took, point.verdict);
        }
        if !status.success() && !failed {
            let stderr = fs::read(&stderr).unwrap_or_default();
            let why = format!(
                "{status}\n{}",
                host::tail(&String::from_utf8_lossy(&stderr))
            );
            suite.fail(&name, start.elapsed(), &why);
        }
    }
    Ok(())
}

/// Runs a script; returns what it printed, the times of its points, and how it ended.
fn run_script(path: &Path, stderr: &Path) -> anyhow::Result<(String, Stopwatch, ExitStatus)> {
    let mut points = Stopwatch::start();
    let mut ktap = String::new();
    let mut child = Command::new("bash")
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(stderr)?)
        .spawn()
        .with_context(|| format!("cannot run {}", path.display()))?;
    let stdout = child.stdout.take().context("stdout is piped")?;
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        points.line(&line);
        ktap.push_str(&line);
        ktap.push('\n');
    }
    Ok((ktap, points, child.wait()?))
}
