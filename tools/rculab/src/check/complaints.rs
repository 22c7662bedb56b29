// SPDX-License-Identifier: GPL-2.0

//! What the kernel's console has against a run.

use std::{collections::BTreeMap, fs, time::Duration};

use crate::{
    check::suite::Suite,
    console::{self, Alarm},
    rundir::RunDir,
};

/// A console, cut at the marks that the tests left.
#[derive(Default)]
pub struct Sections {
    pub by_test: BTreeMap<String, Vec<String>>,
    pub outside: Vec<String>,
}

impl Sections {
    pub fn of(console: &str) -> Self {
        let mut sections = Self::default();
        let mut current: Option<String> = None;
        for line in console.lines() {
            match console::text(line).strip_prefix("rculab: ") {
                Some(mark) if mark.starts_with("test ") => current = Some(mark[5..].to_owned()),
                Some("tests are between") => current = None,
                _ => match &current {
                    Some(test) => {
                        sections
                            .by_test
                            .entry(test.clone())
                            .or_default()
                            .push(line.to_owned());
                    }
                    None => sections.outside.push(line.to_owned()),
                },
            }
        }
        sections
    }
}

/// The console lines that a test must not cause, at most a handful.
pub fn alarms(lines: &[String], stalls_are_fine: bool, expected_bugs: &[String]) -> String {
    let bad = |line: &&String| match console::alarm(line) {
        None => false,
        Some(Alarm::Stall) => !stalls_are_fine,
        Some(Alarm::Bug) => !expected_bugs.iter().any(|words| line.contains(words)),
        Some(Alarm::Panic) => true,
    };
    lines
        .iter()
        .filter(bad)
        .take(5)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n")
}

/// Fails the suite if the kernel complained in a run without stalls.
pub fn clean_console(suite: &Suite, flavour: &str, dir: &RunDir, took: Duration) {
    let console = fs::read(dir.file("console.log")).unwrap_or_default();
    let console = String::from_utf8_lossy(&console);
    let lines: Vec<String> = console.lines().map(str::to_owned).collect();
    let alarms = alarms(&lines, false, &[]);
    if !alarms.is_empty() {
        let name = format!("{flavour}/the kernel's console is clean");
        let why = format!("{alarms}\nlog: {}", dir.path().display());
        suite.fail(&name, took, &why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_that_lost_a_byte_has_a_twin() {
        let console = "[    2.0] rculab: tst a\n[    2.0] rculab: test a\n[    2.1] of a\n\
                       [    2.2] rculab: tests are between\n[    2.2] rculab: tets are between\n\
                       [    2.3] between\n";
        let sections = Sections::of(console);
        assert_eq!(sections.by_test["a"], ["[    2.1] of a"]);
        assert_eq!(sections.outside.last().expect("some"), "[    2.3] between");
    }

    #[test]
    fn console_is_cut_at_the_marks() {
        let console = "[    1.0] boot\n[    2.0] rculab: test a\n[    2.1] of a\n\
                       [    2.2] rculab: tests are between\n[    2.3] between\n\
                       [    3.0] rculab: test b\n[    3.1] BUG: of b\n";
        let sections = Sections::of(console);
        assert_eq!(sections.outside, ["[    1.0] boot", "[    2.3] between"]);
        assert_eq!(sections.by_test["a"], ["[    2.1] of a"]);
        let of_b = &sections.by_test["b"];
        assert_eq!(alarms(of_b, true, &[]), "[    3.1] BUG: of b");
        assert_eq!(alarms(of_b, true, &["of b".to_owned()]), "");
        assert_eq!(
            alarms(of_b, true, &["of c".to_owned()]),
            "[    3.1] BUG: of b"
        );
    }
}
