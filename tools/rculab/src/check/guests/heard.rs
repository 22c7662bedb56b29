// SPDX-License-Identifier: GPL-2.0

//! What is heard of the tests of one boot.

use std::time::{Duration, Instant};

use super::{BETWEEN, test::Test};
use crate::{check::ktap::Stopwatch, guest::Watch};

/// What was heard of one test.
pub struct Heard<'a> {
    pub test: &'a Test,
    pub start: Instant,
    pub took: Duration,
    pub points: Stopwatch,
    pub output: String,
    /// Exit status and the modules left behind; none if the guest ended first.
    pub end: Option<(i32, String)>,
}

/// Listens to the tests of one boot.
pub struct Ear<'a> {
    tests: &'a [&'a Test],
    factor: u32,
    pub heard: Vec<Heard<'a>>,
}

impl<'a> Ear<'a> {
    pub fn new(tests: &'a [&'a Test], factor: u32) -> Self {
        Self {
            tests,
            factor,
            heard: Vec::new(),
        }
    }
}

impl Watch for Ear<'_> {
    fn result(&mut self, line: &str) -> Option<Duration> {
        if line.starts_with("@begin ") {
            let test = self.tests.get(self.heard.len())?;
            self.heard.push(Heard {
                test,
                start: Instant::now(),
                took: Duration::ZERO,
                points: Stopwatch::start(),
                output: String::new(),
                end: None,
            });
            return Some(test.deadline * self.factor);
        }
        let heard = self.heard.last_mut()?;
        heard.took = heard.start.elapsed();
        heard.points.line(line);
        if let Some(words) = line.strip_prefix("@end ") {
            let (status, left) = words.split_once(' ').unwrap_or((words, ""));
            heard.end = Some((status.parse().unwrap_or(-1), left.trim().to_owned()));
            return Some(BETWEEN);
        }
        heard.output.push_str(line);
        heard.output.push('\n');
        None
    }
}
