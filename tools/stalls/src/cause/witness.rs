// SPDX-License-Identifier: GPL-2.0

//! Which of a report's stacks tells most, and what it points at.

use crate::model::Kind;
use crate::report::{Dump, Owner, Report};
use crate::stack;

/// The stack that tells most about a report, and what it says.
#[must_use]
pub fn stack(report: &Report) -> Option<(&Dump, stack::Verdict)> {
    let waited = |dump: &&Dump| match dump.owner {
        Owner::Cpu(cpu) => report.cpus.is_empty() || report.cpus.contains(&cpu),
        Owner::Task(pid) => {
            report.header.kind == Kind::Tasks
                || pid.is_some_and(|pid| report.tasks.iter().any(|task| task.pid == pid))
        }
        _ => false,
    };
    let says = |dump: &Dump| {
        let verdict = &dump.verdict;
        !verdict.path.is_empty() || verdict.storm.is_some()
    };
    let of = |dump: &Dump| {
        matches!(dump.owner, Owner::Unsaid)
            || matches!(dump.owner, Owner::Task(_))
                && report.cpus.is_empty()
                && report.tasks.is_empty()
    };
    // Nobody is waited for but the kthread, and the stack is of the CPU that it is queued on.
    let kthread_cpu = report.starved.as_ref().and_then(|(_, cpu, _)| *cpu);
    let reporter = report
        .summary
        .as_ref()
        .and_then(|summary| summary.detected_by);
    let kept = reporter.is_some() && reporter == kthread_cpu && !report.kthread_sleeps();
    let starved = || {
        // A kthread that sleeps waits for a timer, and where interrupts are on nobody holds that.
        let asleep = report.kthread_sleeps();
        let found = report.dumps.iter().find(|dump| {
            matches!(dump.owner, Owner::KthreadCpu(_))
                && says(dump)
                && !(asleep && dump.verdict.irqs_on == Some(true))
        });
        found.filter(|_| report.starved.is_some())
    };
    let dump = report
        .dumps
        .iter()
        .find(|dump| waited(dump) && says(dump))
        .or_else(|| {
            report
                .dumps
                .iter()
                .find(waited)
                .filter(|_| report.starved.is_none())
        })
        .or_else(|| {
            report
                .dumps
                .iter()
                .find(|dump| of(dump) && says(dump))
                .filter(|_| report.all_seen.is_none() || kept)
        })
        .or_else(starved)
        .or_else(|| report.dumps.iter().find(waited))?;
    Some((dump, dump.verdict.clone()))
}

/// Where a report's stack points.
#[derive(Clone, Debug, Default)]
pub struct Path {
    /// Functions, innermost first.
    pub names: Vec<String>,
    /// It is no more than the work that a kworker was given.
    pub vague: bool,
    /// It is the callback of a storm, or would be, if the stack showed which.
    pub storm: bool,
}

/// The functions that a report's stack points at.
#[must_use]
pub fn path(report: &Report) -> Path {
    let Some((dump, verdict)) = stack(report) else {
        return Path::default();
    };
    let plain = |names| Path {
        names,
        ..Path::default()
    };
    if let Some(storm) = verdict.storm {
        // What the storm interrupted is innocent.
        return Path {
            names: storm.function.into_iter().collect(),
            vague: false,
            storm: true,
        };
    }
    let guessed = verdict.path.is_empty() || !verdict.sure && !verdict.entered;
    match &dump.work {
        // A kworker names its work; a stack that the unwinder only guesses at says less.
        Some(work) if guessed && !verdict.idle && !dump.skipped => Path {
            names: vec![work.clone()],
            vague: true,
            storm: false,
        },
        _ => plain(verdict.path),
    }
}
