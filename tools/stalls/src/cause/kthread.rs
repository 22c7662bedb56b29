// SPDX-License-Identifier: GPL-2.0

//! The grace-period kthread: it does not run, or its timer does not fire.

use super::{Case, Found};
use crate::model::Cause;
use crate::model::Confidence::{High, Medium};
use crate::report::{About, Owner};

impl Case<'_> {
    pub(super) fn kthread_there(&self, cpu: u32) -> bool {
        self.report
            .starved
            .as_ref()
            .is_some_and(|(_, at, _)| *at == Some(i64::from(cpu)))
    }

    /// The grace-period kthread's timer is overdue since the grace period began.
    pub(super) fn timer_lost_all_along(&self) -> bool {
        let elapsed = self.elapsed().saturating_mul(9);
        self.report
            .timer
            .is_some_and(|lost| lost.saturating_mul(10) >= elapsed)
    }

    /// The kthread slept on from the grace period's start: it waited for its timer, and for nobody.
    pub(super) fn timer_lost_before(&self) -> Option<Found> {
        let lost = self.timer_lost_all_along() && self.report.kthread_sleeps();
        lost.then(|| self.kthread()).flatten()
    }

    /// A CPU that takes its tick reports itself, and a timer is as late as all else.
    ///
    /// It is another CPU's, or no CPU at all looked for longer than any timeout lasts (300 s).
    pub(super) fn stood_still(&self) -> Option<Found> {
        let cpu = self.report.cpu_lines.first()?;
        let timer_cpu = self.overdue_on()?;
        let ticked = !cpu.behind && cpu.value > 50;
        let still = self.self_detected()
            && (timer_cpu != cpu.cpu || self.context.first && self.beyond_all_timeouts())
            && cpu.fqs.is_some_and(|scans| scans <= 1)
            && !ticked;
        still.then(|| {
            (Cause::VmPaused, Medium, format!("CPU {} takes ticks again, for it reports itself, and the timer on CPU {timer_cpu} is overdue by the whole {}: all CPUs stood still at once, as when a virtual machine is paused.", cpu.cpu, self.span(self.elapsed())), &[About::Cpu, About::Summary, About::Timer][..])
        })
    }

    /// The CPU on which a timer is overdue since the grace period began.
    ///
    /// Old kernels only say that the kthread sleeps, where, and for how long.
    fn overdue_on(&self) -> Option<u32> {
        if self.report.timer.is_some() {
            let (cpu, _) = self.report.timer_cpu?;
            return self.timer_lost_all_along().then_some(cpu);
        }
        let (jiffies, cpu, _) = self.report.starved.as_ref()?;
        let all_along = jiffies.saturating_mul(10) >= self.elapsed().saturating_mul(9);
        (all_along && self.elapsed() > 0 && self.report.kthread_sleeps())
            .then(|| u32::try_from((*cpu)?).ok())
            .flatten()
    }

    /// Whether the kthread's timer is queued on the CPU that reports, which takes its tick.
    fn reporter_has_timer(&self) -> bool {
        let summary = self.report.summary.as_ref();
        let reporter = summary.and_then(|summary| summary.detected_by);
        let timer_cpu = self.report.timer_cpu.map(|(cpu, _)| i64::from(cpu));
        reporter.is_some() && reporter == timer_cpu
    }

    /// Whether a stack shows the CPU on which the grace-period kthread ran last, idle or busy.
    fn kthread_cpu_seen(&self, idle: bool) -> bool {
        self.report.dumps.iter().any(|dump| {
            let there = match dump.owner {
                Owner::KthreadCpu(_) => true,
                Owner::Cpu(cpu) => self.kthread_there(cpu),
                _ => false,
            };
            there && dump.verdict.whole && dump.verdict.idle == idle
        })
    }

    /// Whether CPUs are waited for, and no stack tells of any what it does.
    fn untold_cpus(&self) -> bool {
        let told = |cpu: &crate::fact::Cpu| {
            let mut dumps = self.report.dumps.iter();
            dumps.any(|dump| {
                dump.owner == Owner::Cpu(cpu.cpu) && (dump.skipped || dump.verdict.whole)
            })
        };
        let lines = &self.report.cpu_lines;
        !lines.is_empty() && !lines.iter().any(told)
    }

    /// The report comes later than the longest timeout that can be set.
    fn beyond_all_timeouts(&self) -> bool {
        let rate = self.context.hz.map_or(1000, |hz| i64::from(hz.rate));
        self.elapsed() > 310 * rate
    }

    pub(super) fn kthread(&self) -> Option<Found> {
        let (jiffies, cpu, state) = self.report.kthread()?;
        let long = self.report.all_seen.unwrap_or(0) >= 100_000
            && self.context.first
            && crate::hz::guess(self.elapsed()).is_none();
        if long && self.report.cpu_lines.iter().all(|cpu| !self.busy(cpu)) {
            return self.jumped(&[About::Summary, About::AllSeen, About::Kthread]);
        }
        let place = cpu
            .filter(|cpu| *cpu >= 0)
            .map_or_else(String::new, |cpu| format!(" on CPU {cpu}"));
        let span = self.span(jiffies);
        if self.report.kthread_sleeps() {
            // A CPU that took no tick and now reports itself may have stood still with all others.
            let ticks = |cpu: &crate::fact::Cpu| cpu.behind || cpu.value > 50;
            let certain = !self.self_detected() || self.report.cpu_lines.iter().any(ticks);
            let ticks_there = self.reporter_has_timer();
            let confidence = if self.report.timer.is_some() && certain && !ticks_there {
                High
            } else {
                Medium
            };
            let why = if ticks_there {
                "The CPU it is queued on is the one that reports, from its tick: its timer softirq does not run, since softirqs are off there or interrupts leave no time for them, or the kthread sleeps for another reason."
            } else {
                "The CPU it is queued on takes no timer interrupts, or the (virtual) CPU does not run."
            };
            return Some((
                Cause::GpKthreadTimerLost,
                confidence,
                format!(
                    "The grace-period kthread sleeps{place} since {span} and waits for a timer of a few jiffies: that timer did not fire. {why}"
                ),
                &[About::Timer, About::Kthread],
            ));
        }
        if matches!(state, "R" | "0x0")
            && self.context.first
            && self.report.all_seen.is_some()
            && self.kthread_cpu_seen(true)
            && crate::hz::guess(self.elapsed()).is_none()
        {
            return Some((
                Cause::VmPaused,
                Medium,
                format!(
                    "The grace-period kthread has not run{place} for {span}, and is ready to run while that CPU idles: nothing keeps it off, it is just being woken. All CPUs stood still, as when a virtual machine is paused, or that one did."
                ),
                &[About::Summary, About::AllSeen, About::Kthread],
            ));
        }
        let waking = if state == "0x200" {
            ", has been woken, and its CPU does not finish that: the (virtual) CPU does not run or takes no interrupts"
        } else if self.kthread_cpu_seen(true) {
            " and is ready to run, while that CPU idles: it is just being woken, or the scheduler lost it"
        } else {
            " and is ready to run: something of higher priority has the CPU"
        };
        let waits = state == "0x200" || state.is_empty();
        let confidence = if waits || self.untold_cpus() || !self.kthread_cpu_seen(false) {
            Medium
        } else {
            High
        };
        Some((
            Cause::GpKthreadStarved,
            confidence,
            format!(
                "The grace-period kthread has not run{place} for {span}{waking}. No grace period can end without it."
            ),
            &[About::Kthread, About::Timer, About::AllSeen],
        ))
    }
}
