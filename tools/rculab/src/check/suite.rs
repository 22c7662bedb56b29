// SPDX-License-Identifier: GPL-2.0

//! The results of a whole check: gathered, shown as they come, summed up.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anstream::println;

use crate::{
    check::junit,
    exit::Exit,
    rundir::RunDir,
    term::{self, BAD, DIM, GOOD, NOTE},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    Fail(String),
    Skip(String),
}

#[derive(Clone, Debug)]
pub struct Case {
    pub part: String,
    pub name: String,
    pub took: Duration,
    pub verdict: Verdict,
}

pub struct Suite {
    pub dir: RunDir,
    filter: String,
    part: String,
    cases: Mutex<Vec<Case>>,
    parts: Vec<(String, Duration)>,
}

impl Suite {
    pub fn new(dir: RunDir, filter: String) -> Self {
        Self {
            dir,
            filter,
            part: String::new(),
            cases: Mutex::new(Vec::new()),
            parts: Vec::new(),
        }
    }

    pub fn begin(&mut self, part: &str) {
        part.clone_into(&mut self.part);
    }

    pub fn end(&mut self, took: Duration) {
        if self.cases().iter().any(|case| case.part == self.part) {
            self.parts.push((self.part.clone(), took));
        }
    }

    fn cases(&self) -> MutexGuard<'_, Vec<Case>> {
        self.cases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing has run.
    pub fn is_empty(&self) -> bool {
        self.cases().is_empty()
    }

    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Whether the filter lets this test run.
    pub fn wants(&self, name: &str) -> bool {
        format!("{}/{name}", self.part).contains(&self.filter)
    }

    /// Whether the filter names this very part.
    pub fn is_named(&self) -> bool {
        self.filter.starts_with(&self.part)
    }

    pub fn pass(&self, name: &str, took: Duration) {
        self.record(name, took, Verdict::Pass);
    }

    pub fn fail(&self, name: &str, took: Duration, why: &str) {
        self.record(name, took, Verdict::Fail(why.to_owned()));
    }

    /// Runs a test, if the filter lets it.
    pub fn test(&self, name: &str, run: impl FnOnce() -> anyhow::Result<()>) {
        if !self.wants(name) {
            return;
        }
        let start = Instant::now();
        match run() {
            Ok(()) => self.pass(name, start.elapsed()),
            Err(error) => self.fail(name, start.elapsed(), &format!("{error:#}")),
        }
    }

    pub fn skip(&self, name: &str, why: &str) {
        self.record(name, Duration::ZERO, Verdict::Skip(why.to_owned()));
    }

    pub fn record(&self, name: &str, took: Duration, verdict: Verdict) {
        let (style, word, why) = match &verdict {
            Verdict::Pass => (GOOD, "ok  ", ""),
            Verdict::Fail(why) => (BAD, "FAIL", why.as_str()),
            Verdict::Skip(why) => (NOTE, "skip", why.as_str()),
        };
        let part = &self.part;
        let time = match took.as_secs_f64() {
            seconds if seconds < 0.05 => String::new(),
            seconds => format!(" {seconds:.1} s"),
        };
        // Held while it is printed, so that what belongs together stays together.
        let mut cases = self.cases();
        println!("{style}{word}{style:#} {part}/{name}{DIM}{time}{DIM:#}");
        for line in why.lines() {
            println!("       {line}");
        }
        cases.push(Case {
            part: part.clone(),
            name: name.to_owned(),
            took,
            verdict,
        });
    }

    /// Writes the JUnit file, prints the minutes of each part, and the last line.
    pub fn finish(self) -> anyhow::Result<Exit> {
        let cases = self.cases();
        self.dir.write("junit.xml", junit::xml(&cases)?)?;
        term::heading("minutes");
        for (part, took) in &self.parts {
            println!("{:6.1}  {part}", took.as_secs_f64() / 60.0);
        }
        println!("results: {}", self.dir.path().display());
        let skipped = count(&cases, |verdict| matches!(verdict, Verdict::Skip(_)));
        if skipped > 0 {
            println!("{skipped} skipped");
        }
        let line = summary(&cases);
        self.dir.write("verdict", format!("{line}\n"))?;
        println!("{line}");
        let failed = cases
            .iter()
            .any(|case| matches!(case.verdict, Verdict::Fail(_)));
        let good = !failed && !cases.is_empty();
        Ok(if good { Exit::Pass } else { Exit::TestFailed })
    }
}

/// The last line.
fn summary(cases: &[Case]) -> String {
    let passed = count(cases, |verdict| matches!(verdict, Verdict::Pass));
    let failed = count(cases, |verdict| matches!(verdict, Verdict::Fail(_)));
    format!("{passed} passed, {failed} failed")
}

fn count(cases: &[Case], is: fn(&Verdict) -> bool) -> usize {
    cases.iter().filter(|case| is(&case.verdict)).count()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn cases() -> Vec<Case> {
        let case = |name: &str, verdict| Case {
            part: "guest".to_owned(),
            name: name.to_owned(),
            took: Duration::from_millis(1500),
            verdict,
        };
        vec![
            case("lab/a: works", Verdict::Pass),
            case(
                "lab/b: <breaks>",
                Verdict::Fail("BUG: \"x\" & y\nsecond line".to_owned()),
            ),
            case("debug/c", Verdict::Skip("no such kernel".to_owned())),
        ]
    }

    #[test]
    fn last_line() {
        assert_eq!(summary(&cases()), "1 passed, 1 failed");
        assert_eq!(summary(&[]), "0 passed, 0 failed");
    }
}
