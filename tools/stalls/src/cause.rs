// SPDX-License-Identifier: GPL-2.0

//! Says why a stall happened, how sure that is, and what to do.
//!
//! Each rule names what in the report it rests on. What the kernel prints is taken before what a
//! stack suggests, and a rule that leaves another reading says so by its confidence.

mod cpu;
mod flags;
mod kthread;
mod steps;
mod task;
mod whole;
mod witness;

use crate::fact::Companion;
use crate::hz::Hz;
use crate::model::{Cause, Confidence, Kind, Quote};
use crate::report::{About, Dump, Report};
use crate::stack::Verdict;

pub use witness::{Path, path, stack};

/// What was found.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Why.
    pub cause: Cause,
    /// How sure that is.
    pub confidence: Confidence,
    /// Which lines say so.
    pub evidence: Vec<Quote>,
    /// In words.
    pub explanation: String,
    /// What to do.
    pub next_steps: Vec<String>,
    /// Whoever ran is innocent: time stood still, or it is a false alarm.
    pub innocent: bool,
}

/// What is known beyond the report itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// Jiffies in a second.
    pub hz: Option<Hz>,
    /// The function that the stacks of this stall's reports agree on.
    pub culprit: Option<&'a str>,
    /// It is the stall's first report.
    pub first: bool,
    /// In so many reports of this stall all tasks that are waited for ran, and in none they did not.
    pub running: usize,
}

/// At most so many lines are quoted.
const MAX_EVIDENCE: usize = 8;

/// What the rules look at.
struct Case<'a> {
    report: &'a Report,
    context: Context<'a>,
    verdict: Option<Verdict>,
    dump: Option<&'a Dump>,
}

/// What a rule found: cause, confidence, why, and which lines it rests on.
type Found = (Cause, Confidence, String, &'static [About]);

/// Judges one report.
#[must_use]
pub fn judge(report: &Report, context: Context<'_>) -> Judgement {
    let (dump, verdict) = stack(report).unzip();
    let case = Case {
        report,
        context,
        verdict,
        dump,
    };
    let rules = [
        Case::suppressed,
        Case::tasks_rcu,
        Case::offline,
        Case::impossible_time,
        Case::too_soon,
        Case::stood_still,
        Case::busy_cpu,
        Case::timer_lost_before,
        Case::blocked_task,
        Case::kthread,
        Case::idle_cpu,
        Case::rest,
    ];
    let found = rules.iter().find_map(|rule| rule(&case));
    let (cause, confidence, explanation, about) = found.unwrap_or((
        Cause::Unknown,
        Confidence::Low,
        "The report holds too little to tell.".into(),
        &[],
    ));
    Judgement {
        cause,
        // What is lost may have said otherwise.
        confidence: confidence.min(if case.damaged() {
            Confidence::Medium
        } else {
            Confidence::High
        }),
        evidence: case.evidence(about, cause),
        explanation: case.whole(explanation),
        next_steps: case.steps(cause),
        innocent: cause == Cause::VmPaused || case.false_alarm(),
    }
}

impl Case<'_> {
    fn elapsed(&self) -> i64 {
        self.report.elapsed().unwrap_or(0)
    }

    #[expect(clippy::cast_precision_loss, reason = "for people")]
    fn seconds(&self, jiffies: i64) -> Option<f64> {
        Some(jiffies as f64 / f64::from(self.context.hz?.rate))
    }

    /// A span for a person.
    fn span(&self, jiffies: i64) -> String {
        match self.seconds(jiffies) {
            Some(seconds) => human(seconds),
            None => format!("{jiffies} jiffies"),
        }
    }

    fn companion(&self, what: Companion) -> bool {
        self.report
            .companions
            .iter()
            .any(|(known, _)| *known == what)
    }

    fn self_detected(&self) -> bool {
        self.report.header.kind == Kind::SelfDetected
    }

    /// Not everything that the kernel printed can be told apart, or is there.
    fn damaged(&self) -> bool {
        self.report.interleaved || self.report.torn() || self.report.truncated()
    }

    /// How sure a cause is that a stack in full would show, if it were another: the console, a
    /// callback, an interrupt.
    fn as_stack_shows(&self) -> Confidence {
        let shown = self
            .verdict
            .as_ref()
            .is_some_and(|verdict| verdict.whole && !verdict.interrupt);
        if shown {
            Confidence::High
        } else {
            Confidence::Medium
        }
    }

    fn whole(&self, mut explanation: String) -> String {
        if self.report.interleaved {
            explanation.push_str(
                " Output of several CPUs is mixed here: a line may belong to another report.",
            );
        } else if self.report.torn() {
            explanation.push_str(" A part of this report is lost, or mixed with other text: what it said may change this.");
        }
        explanation
    }

    fn evidence(&self, about: &[About], cause: Cause) -> Vec<Quote> {
        let mut lines: Vec<Quote> = self
            .report
            .quotes
            .iter()
            .filter(|(what, _)| about.contains(what))
            .map(|(_, quote)| quote.clone())
            .take(MAX_EVIDENCE)
            .collect();
        if matches!(cause, Cause::CsdLock) {
            lines.extend(
                self.report
                    .companions
                    .iter()
                    .filter(|(what, _)| *what == Companion::Csd)
                    .map(|(_, quote)| quote.clone()),
            );
        }
        if let (Some(dump), Some(culprit)) = (self.dump, self.context.culprit) {
            let short = culprit.rsplit("::").next().unwrap_or(culprit);
            lines.extend(
                dump.quotes
                    .iter()
                    .find(|quote| quote.text.contains(short))
                    .cloned(),
            );
        }
        if lines.is_empty() {
            lines.extend(self.report.quotes.first().map(|(_, quote)| quote.clone()));
        }
        lines.sort_by_key(|quote| quote.line);
        lines.dedup();
        lines
    }
}

/// A span for a person.
#[must_use]
pub fn human(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => format!("{:.0} ms", s * 1000.0),
        s if s < 10.0 => format!("{s:.1} s"),
        s if s < 600.0 => format!("{s:.0} s"),
        s if s < 36_000.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}
