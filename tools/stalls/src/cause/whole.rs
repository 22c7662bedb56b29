// SPDX-License-Identifier: GPL-2.0

//! Rules that need no CPU: what the header, the clock and the list of causes left say.

use super::{Case, Found, human};
use crate::hz::Hz;
use crate::model::Cause;
use crate::model::Confidence::{High, Low, Medium};
use crate::model::Kind;
use crate::report::About;

impl Case<'_> {
    pub(super) fn suppressed(&self) -> Option<Found> {
        self.report.header.suppressed.then(|| {
            (Cause::CsdLock, High, "The kernel left out the report, since a CPU waits for another that does not answer a cross-call: that is the real trouble.".into(), &[About::Header][..])
        })
    }

    pub(super) fn tasks_rcu(&self) -> Option<Found> {
        (self.report.header.kind == Kind::Tasks).then(|| {
            let who = self.report.tasks.first().map_or_else(|| "a task".to_owned(), |task| format!("task {}", self.task_name(task.pid)));
            (Cause::Tasks, High, format!("{who} has not switched voluntarily, entered user mode or gone idle since the grace period began: Tasks RCU waits for that, and preemption does not count."), &[About::Header, About::Holdout][..])
        })
    }

    pub(super) fn offline(&self) -> Option<Found> {
        let by_flag = || {
            self.report
                .cpu_lines
                .iter()
                .find(|cpu| cpu.offline())
                .map(|cpu| cpu.cpu)
        };
        let cpu = self.report.offline.or_else(by_flag)?;
        Some((
            Cause::OfflineCpu,
            High,
            format!(
                "RCU waits for CPU {cpu}, which is offline: CPU hotplug and RCU disagree, a kernel bug."
            ),
            &[About::Offline, About::Cpu],
        ))
    }

    /// Longer than the machine is up: only a jump of time explains it.
    #[expect(clippy::cast_precision_loss, reason = "a comparison of magnitudes")]
    pub(super) fn impossible_time(&self) -> Option<Found> {
        let uptime = self.report.time?;
        let known = self.context.hz.filter(Hz::known).map_or(1024, |hz| hz.rate);
        let seconds = self.elapsed() as f64 / f64::from(known);
        (seconds > uptime + 5.0 && seconds > uptime * 1.05).then(|| {
            (Cause::VmPaused, High, format!("The grace period is said to last {}, and the kernel is up for only {}: jiffies jumped, as they do when a virtual machine was paused, saved or migrated.", human(seconds), human(uptime)), &[About::Summary, About::Cpu][..])
        })
    }

    pub(super) fn too_soon(&self) -> Option<Found> {
        let elapsed = self.report.elapsed()?;
        if self.report.header.kind == Kind::Expedited {
            let soon = match self.seconds(elapsed) {
                Some(seconds) => seconds < 1.0,
                None => elapsed <= 300,
            };
            return soon.then(|| {
                let confidence = if elapsed <= 30 { High } else { Medium };
                (Cause::TimeoutTooSmall, confidence, format!("An expedited grace period was reported after {elapsed} jiffies. That is what a timeout of some milliseconds does (CONFIG_RCU_EXP_CPU_STALL_TIMEOUT); nothing is stuck yet, something is only slower than that."), &[About::Header][..])
            });
        }
        self.false_alarm().then(|| {
            (Cause::Unknown, Low, format!("The report came after {elapsed} jiffies, sooner than any timeout allows: a grace period was just beginning or ending. Take it for a false alarm unless it repeats."), &[About::Summary][..])
        })
    }

    /// It comes sooner than any timeout of a normal grace period.
    pub(super) fn false_alarm(&self) -> bool {
        let sooner = |elapsed| match self.context.hz {
            // The shortest timeout is 3 s.
            Some(hz) if hz.known() => elapsed < i64::from(hz.rate) * 5 / 2,
            _ => elapsed < 250,
        };
        self.report.header.kind != Kind::Expedited && self.report.elapsed().is_some_and(sooner)
    }

    pub(super) fn jumped(&self, lines: &'static [About]) -> Option<Found> {
        Some((
            Cause::VmPaused,
            Medium,
            format!(
                "Nobody holds the grace period up, and yet {} passed, far more than any timeout: time stood still, or jumped (a paused or migrated virtual machine, a suspended host).",
                self.span(self.elapsed())
            ),
            lines,
        ))
    }

    pub(super) fn rest(&self) -> Option<Found> {
        if self.report.ended {
            return Some((Cause::Unknown, Low, "The grace period ended while the report was being made: it was late, not stuck. Slow hardware, a slow console or an overcommitted host do that.".into(), &[About::Ended]));
        }
        let idle = self.report.all_seen?;
        if idle >= 100_000 && crate::hz::guess(self.elapsed()).is_none() {
            return self.jumped(&[About::AllSeen]);
        }
        if idle > 500 {
            return Some((Cause::GpKthreadStarved, Medium, "All CPUs and tasks have answered, and the grace-period kthread does not run to notice.".into(), &[About::AllSeen]));
        }
        Some((Cause::Unknown, Low, "All CPUs and tasks have answered, and the grace-period kthread runs: the report came just as the grace period ended, or a preempted reader was not listed.".into(), &[About::AllSeen]))
    }
}
