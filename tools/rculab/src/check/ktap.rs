// SPDX-License-Identifier: GPL-2.0

//! KTAP, read by the kernel's own parser.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Context;
use serde::Deserialize;

use crate::{check::suite::Verdict, kernel::Kernel};

/// `kunit.py` of a kernel.
pub struct Parser(PathBuf);

/// One test point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The names of its groups and its own, from the outermost in.
    pub path: Vec<String>,
    pub verdict: Verdict,
}

/// Times the points of a flat KTAP text as its lines come in.
pub struct Stopwatch {
    start: Instant,
    points: Vec<Duration>,
}

impl Stopwatch {
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
            points: Vec::new(),
        }
    }

    pub fn line(&mut self, line: &str) {
        if line.starts_with("ok ") || line.starts_with("not ok ") {
            let before = self.points.iter().sum();
            self.points
                .push(self.start.elapsed().saturating_sub(before));
        }
    }

    /// How long each point took, in order; nothing for those that never came.
    pub fn times(&self) -> impl Iterator<Item = Duration> + '_ {
        self.points
            .iter()
            .copied()
            .chain(std::iter::repeat(Duration::ZERO))
    }
}

/// A group as `kunit.py parse --json` prints it.
#[derive(Deserialize)]
struct Group {
    name: String,
    sub_groups: Vec<Group>,
    test_cases: Vec<TestCase>,
    misc: Counts,
}

#[derive(Deserialize)]
struct TestCase {
    name: String,
    status: String,
}

#[derive(Deserialize)]
struct Counts {
    errors: u32,
}

impl Parser {
    pub fn of(kernel: &Kernel) -> Self {
        Self(kernel.source().join("tools/testing/kunit/kunit.py"))
    }

    /// The points of a KTAP text. `file` keeps the text, with the parser's words beside it.
    pub fn parse(&self, ktap: &str, file: &Path) -> anyhow::Result<Vec<Point>> {
        fs::write(file, ktap).with_context(|| format!("cannot write {}", file.display()))?;
        let json = file.with_extension("json");
        let output = Command::new("python3")
            .arg("-B")
            .arg(&self.0)
            .arg("parse")
            .arg(format!("--json={}", json.display()))
            .arg(file)
            .output()
            .context("cannot run python3")?;
        fs::write(file.with_extension("parsed"), &output.stdout)?;
        let text = fs::read(&json).with_context(|| {
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            let words = stderr.lines().last().unwrap_or_default();
            format!(
                "{} could not read {}: {words}",
                self.0.display(),
                file.display()
            )
        })?;
        let group: Group = serde_json::from_slice(&text)
            .with_context(|| format!("{} is not what kunit.py used to write", json.display()))?;
        let mut points = points(&group);
        for point in &mut points {
            point.explain(ktap);
        }
        Ok(points)
    }
}

impl Point {
    pub fn name(&self) -> String {
        self.path.join("/")
    }

    /// Takes over what the text says of this point: the lines before a failure, the reason for a
    /// skip.
    fn explain(&mut self, ktap: &str) {
        let Some(name) = self.path.last().filter(|name| !name.is_empty()) else {
            return;
        };
        let lines: Vec<&str> = ktap.lines().map(str::trim).collect();
        let is_result = |line: &&str| line.starts_with("ok ") || line.starts_with("not ok ");
        let Some(at) = lines
            .iter()
            .position(|line| is_result(line) && line.contains(name))
        else {
            return;
        };
        match &mut self.verdict {
            Verdict::Pass => {}
            Verdict::Skip(why) => {
                if let Some((_, reason)) = lines[at].split_once("# SKIP ") {
                    reason.clone_into(why);
                }
            }
            Verdict::Fail(why) => {
                // KUnit's own lines do not all begin with `#`.
                let is_head = |line: &str| line.starts_with("1..") || line.starts_with("KTAP ");
                let before = lines[..at].iter().rev();
                let mut words: Vec<&str> = before
                    .take_while(|line| !is_result(line) && !is_head(line))
                    .filter(|line| !line.contains(".speed: "))
                    .copied()
                    .collect();
                words.reverse();
                if !words.is_empty() {
                    *why = words.join("\n");
                }
            }
        }
    }
}

fn points(main: &Group) -> Vec<Point> {
    let mut points = Vec::new();
    gather(main, &mut Vec::new(), &mut points);
    if main.misc.errors > 0 {
        points.push(Point {
            path: vec!["well-formed KTAP".to_owned()],
            verdict: Verdict::Fail(format!("kunit.py found {} error(s)", main.misc.errors)),
        });
    }
    points
}

fn gather(group: &Group, path: &mut Vec<String>, points: &mut Vec<Point>) {
    for case in &group.test_cases {
        let verdict = match case.status.as_str() {
            "PASS" => Verdict::Pass,
            "SKIP" => Verdict::Skip("skipped by the test".to_owned()),
            status => Verdict::Fail(format!("status {status}")),
        };
        path.push(case.name.clone());
        points.push(Point {
            path: path.clone(),
            verdict,
        });
        path.pop();
    }
    for sub in &group.sub_groups {
        path.push(sub.name.clone());
        gather(sub, path, points);
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_and_skips_are_explained() {
        let ktap = "KTAP version 1\n1..3\nok 1 - a\n# b.speed: normal\n# got 3\nwanted 4\n\
                    not ok 2 - b\nok 3 - c # SKIP no such file\n";
        let explained = |name: &str, verdict| {
            let mut point = Point {
                path: vec![name.to_owned()],
                verdict,
            };
            point.explain(ktap);
            point.verdict
        };
        let fail = Verdict::Fail("status FAIL".to_owned());
        assert_eq!(
            explained("b", fail),
            Verdict::Fail("# got 3\nwanted 4".to_owned())
        );
        let skip = Verdict::Skip(String::new());
        assert_eq!(
            explained("c", skip),
            Verdict::Skip("no such file".to_owned())
        );
        assert_eq!(explained("a", Verdict::Pass), Verdict::Pass);
    }
}
