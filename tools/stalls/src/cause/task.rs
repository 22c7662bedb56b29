// SPDX-License-Identifier: GPL-2.0

//! A task inside a reader: does it run, or is it kept off its CPU?

use super::{Case, Found};
use crate::fact::Blocked;
use crate::hz::Hz;
use crate::model::Cause;
use crate::model::Confidence::{High, Medium};
use crate::model::Kind;
use crate::report::{About, Dump, Owner};

impl Case<'_> {
    pub(super) fn task_dump(&self, pid: u32) -> Option<&Dump> {
        self.report
            .dumps
            .iter()
            .find(|dump| dump.owner == Owner::Task(Some(pid)))
    }

    pub(super) fn task_name(&self, pid: u32) -> String {
        let dump = self.task_dump(pid);
        match dump.and_then(|dump| dump.comm.as_ref()) {
            Some(comm) => format!("{comm} (PID {pid})"),
            None => format!("PID {pid}"),
        }
    }

    pub(super) fn blocked_task(&self) -> Option<Found> {
        let task = self.report.tasks.first()?;
        let lines: &'static [About] = &[About::Blocked];
        let name = self.task_name(task.pid);
        let off = self
            .report
            .tasks
            .iter()
            .find_map(|task| Some((task, task.off_cpu.as_ref()?)));
        if let Some((task, (nesting, _))) = off {
            let name = self.task_name(task.pid);
            // One look cannot tell a task that is kept off the CPU from one that just lost it.
            let state = |task: &Blocked| self.task_dump(task.pid).and_then(|dump| dump.state);
            let asleep = self
                .report
                .tasks
                .iter()
                .filter_map(state)
                .any(|state| state != 'R');
            let confidence = if asleep || self.report.starved.is_some() {
                High
            } else {
                Medium
            };
            let explanation = format!(
                "{name} was preempted, or sleeps, {nesting} deep in an RCU reader, and did not have the CPU to leave it."
            );
            return Some((Cause::PreemptedReader, confidence, explanation, lines));
        }
        let out = self.task_dump(task.pid).is_some_and(|dump| {
            dump.state.is_some_and(|state| state != 'R') || dump.verdict.switched_out
        });
        // Since 5.19, whose reports end with `ncpus`, a bare PID is a task that was running.
        let newer = self
            .report
            .summary
            .as_ref()
            .is_some_and(|summary| summary.ncpus.is_some());
        if out && !newer {
            return Some((
                Cause::PreemptedReader,
                Medium,
                format!("{name} is inside an RCU reader and was not running."),
                lines,
            ));
        }
        if let Some(found) = self.softirqs_of(task.pid) {
            return Some(found);
        }
        // By a part of a second: no CPU had its tick for so long, which all cannot miss at once.
        let second = self.context.hz.map_or(i64::MAX, |hz| i64::from(hz.rate));
        if let Some(late) = self.late().filter(|late| *late > second / 4) {
            return Some((
                Cause::VmPaused,
                Medium,
                format!(
                    "The report came {late} jiffies past a full second, which no timeout is, though each CPU looks at every tick: all of them stood still at once, as when a virtual machine is paused. {name} just happened to be inside a reader."
                ),
                &[About::Blocked, About::Summary],
            ));
        }
        let late = self.late().map_or_else(String::new, |late| {
            format!(" It came {late} jiffies past a full second, though, which no timeout is: for a part of the time, or for most of it, the whole machine may have stood still.")
        });
        // A stack that does not end as all do lost more than frames.
        let intact = match self.task_dump(task.pid) {
            Some(dump) => dump.verdict.ends,
            None => self.report.dumps.is_empty(),
        };
        let intact = intact && self.report.starved.is_none();
        // A preempted reader may just have got the CPU for the one look.
        let confidence = if newer && intact && late.is_empty() && self.context.running > 1 {
            High
        } else {
            Medium
        };
        let looks = match self.context.running {
            0 | 1 => "the report was".to_owned(),
            many => format!("each of {many} reports was"),
        };
        Some((
            Cause::ReaderTooLong,
            confidence,
            format!(
                "{name} has been inside one RCU reader all the time, and was running there when {looks} made.{late}"
            ),
            lines,
        ))
    }

    /// The task runs softirqs' handlers, which make it a reader with PREEMPT_RT.
    ///
    /// Elsewhere a handler cannot be preempted, and its CPU is waited for instead.
    fn softirqs_of(&self, pid: u32) -> Option<Found> {
        let storm = self.task_dump(pid)?.verdict.storm.as_ref()?;
        let function = storm.function.as_ref()?;
        let what = storm.what;
        matches!(what, "softirqs" | "tasklets").then(|| {
            (
                Cause::InterruptStorm,
                Medium,
                format!(
                    "{} was busy with {what}: {function}(), which does not end. With PREEMPT_RT it may be preempted there, and is a reader all the time.",
                    self.task_name(pid)
                ),
                &[About::Blocked][..],
            )
        })
    }

    /// How far past a full second a stall's first report came, if that is too far for a tick.
    ///
    /// Timeouts are seconds, and who takes its tick first after one reports.
    fn late(&self) -> Option<i64> {
        if self.report.header.kind == Kind::Expedited {
            // Its timeout is in milliseconds.
            return None;
        }
        let rate = i64::from(self.context.hz.filter(Hz::known)?.rate);
        let late = self.elapsed() % rate;
        (self.context.first && late > 8.max(rate / 100)).then_some(late)
    }
}
