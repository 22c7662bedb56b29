// SPDX-License-Identifier: GPL-2.0

//! A CPU that runs in the kernel, and what keeps it there.

use super::{Case, Found};
use crate::fact::{Companion, Cpu};
use crate::model::Cause;
use crate::model::Confidence::{High, Low, Medium};
use crate::model::Kind;
use crate::report::{About, Dump, Owner};
use crate::stack::{Storm, Verdict};

/// What is quoted of a CPU that runs.
const LINES: &[About] = &[About::Cpu, About::Table];

impl Case<'_> {
    /// Whether a CPU runs something in the kernel.
    pub(super) fn busy(&self, cpu: &Cpu) -> bool {
        let dump = self
            .report
            .dumps
            .iter()
            .find(|dump| dump.owner == Owner::Cpu(cpu.cpu));
        if let Some(dump) = dump {
            let verdict = &dump.verdict;
            // A task's dump is as old as its last switch, and RCU knows of interrupts since.
            let stale = !verdict.sure && self.above_idle(cpu);
            if dump.skipped || verdict.idle && !stale {
                return false;
            }
            if !verdict.path.is_empty() || verdict.storm.is_some() {
                return true;
            }
        }
        !cpu.idle() || self.above_idle(cpu)
    }

    /// A CPU that runs in the kernel, and what keeps it there.
    pub(super) fn busy_cpu(&self) -> Option<Found> {
        let lines = &self.report.cpu_lines;
        let idle = lines.iter().filter(|cpu| !self.busy(cpu)).count();
        if idle >= 3 && idle * 2 > lines.len() {
            // Not one CPU's trouble, but the machine's.
            return None;
        }
        let busy = || lines.iter().filter(|cpu| self.busy(cpu));
        // Where nothing tells whether a CPU takes interrupts, one whose ticks are counted tells more.
        let vague = |cpu: &&Cpu| cpu.behind && cpu.irq_work() == Some('!');
        let cpu = busy().find(|cpu| !vague(cpu)).or_else(|| busy().next());
        let number = match cpu {
            Some(cpu) => cpu.cpu,
            None if !lines.is_empty() => return None,
            None if self.verdict.as_ref().is_some_and(|verdict| verdict.idle) => return None,
            None => match self.dump.map(|dump| dump.owner) {
                Some(Owner::Cpu(cpu)) if self.report.cpus.contains(&cpu) => cpu,
                _ => *self.report.cpus.first()?,
            },
        };
        let of_cpu = |dump: &Dump| matches!(dump.owner, Owner::Cpu(_) | Owner::Unsaid);
        let verdict = self
            .verdict
            .as_ref()
            .filter(|_| self.dump.is_some_and(of_cpu));
        let stuck = cpu
            .and_then(Cpu::irq_work)
            .is_some_and(|flag| flag.is_ascii_digit());
        verdict
            .and_then(|verdict| self.waits(number, verdict))
            .or_else(|| self.interrupt_times(number))
            .or_else(|| Some(self.storm(number, verdict?.storm.as_ref()?, stuck)))
            .or_else(|| self.counts(number))
            .or_else(|| verdict.filter(|verdict| verdict.user).map(|_| user(number)))
            .or_else(|| {
                let above = lines.iter().filter(|cpu| self.above_idle(cpu)).count();
                let one = above < 3 || above * 2 <= lines.len();
                let above = cpu.filter(|cpu| self.above_idle(cpu) && !stuck && one)?;
                Some(self.interrupts(above))
            })
            .or_else(|| match cpu {
                Some(cpu) => self.by_flags(cpu, stuck),
                None => Some(self.without_line(number, verdict)),
            })
    }

    /// An interrupt came while the CPU was idle, and is still open.
    ///
    /// Where the CPU reports itself, the tick that does so is one, too.
    fn above_idle(&self, cpu: &Cpu) -> bool {
        cpu.above_idle() > i128::from(self.self_detected())
    }

    /// It was idle until an interrupt came.
    fn interrupts(&self, cpu: &Cpu) -> Found {
        let (confidence, how) = if self.self_detected() {
            (
                Medium,
                "the tick that reports came on top of it, as idle= says",
            )
        } else if cpu.irq_work() == Some('.') {
            (
                Medium,
                "it is still open, as idle= says, and others are taken on top of it",
            )
        } else {
            (
                Low,
                "it is still open, as idle= says, and nothing tells whether others are taken on top of it",
            )
        };
        (
            Cause::InterruptStorm,
            confidence,
            format!(
                "CPU {} was idle until an interrupt came, whose handler or softirqs do not end: {how}.",
                cpu.cpu
            ),
            LINES,
        )
    }

    /// It prints, runs callbacks, or waits for other CPUs.
    fn waits(&self, number: u32, verdict: &Verdict) -> Option<Found> {
        if verdict.console {
            let confidence = if verdict.sure { High } else { Medium };
            return Some((
                Cause::SlowConsole,
                confidence,
                format!(
                    "CPU {number} was printing to a console. A serial line takes 87 µs a character at 115200 baud, and the CPU that prints waits for it."
                ),
                LINES,
            ));
        }
        if verdict.callback {
            return Some((
                Cause::StuckCallback,
                Medium,
                format!("CPU {number} was running RCU callbacks, and one of them does not return."),
                LINES,
            ));
        }
        // A CPU that takes its tick answers cross-calls: what is told is of others, or of later.
        let told = self.companion(Companion::Csd);
        (verdict.cross_call || told && !self.self_detected()).then(|| {
            (
                Cause::CsdLock,
                if told { High } else { Medium },
                format!(
                    "CPU {number} waits for other CPUs to answer a cross-call. The culprit is the CPU that does not answer, not this one."
                ),
                LINES,
            )
        })
    }

    /// Interrupts took most of the time, as the table says.
    fn interrupt_times(&self, number: u32) -> Option<Found> {
        let [irq, softirq, _, period] = self.report.times?;
        let spent = irq + softirq;
        let most = period > 0 && spent * 10 >= period * 7 && spent <= period * 11 / 10;
        // A callback of RCU's that does not return is a softirq, too.
        let verdict = self.verdict.as_ref();
        let seen = verdict.is_some_and(|verdict| verdict.whole && verdict.storm.is_some());
        most.then(|| {
            (
                Cause::InterruptStorm,
                if seen { High } else { Medium },
                format!(
                    "CPU {number} spent {irq} ms in interrupts and {softirq} ms in softirqs out of {period} ms."
                ),
                LINES,
            )
        })
    }

    /// What the table counted on it.
    fn counts(&self, number: u32) -> Option<Found> {
        match self.report.counts? {
            [0, 0, 0] => Some((
                Cause::IrqsOff,
                self.as_stack_shows(),
                format!(
                    "CPU {number} took no interrupt and no softirq and did not switch: interrupts are off."
                ),
                LINES,
            )),
            // The very interrupt that began the count, or an NMI: no tick, and nothing of others.
            [.., 0] if self.without_tick() => None,
            [hardirqs, softirqs, 0] => {
                // Where rcuc threads run RCU's core, softirqs are threads' as well (PREEMPT_RT).
                let threads = self.report.cpu_lines.iter().any(|cpu| cpu.rcuc.is_some());
                let what = if softirqs == 0 && !threads {
                    "softirqs"
                } else {
                    "preemption"
                };
                Some((
                    Cause::PreemptOff,
                    if hardirqs > 0 {
                        self.as_stack_shows()
                    } else {
                        Medium
                    },
                    format!(
                        "CPU {number} takes interrupts ({hardirqs}) and does not switch: it loops in the kernel with {what} off."
                    ),
                    LINES,
                ))
            }
            _ => None,
        }
    }

    /// Whether the table counts an interrupt or a few, and a tenth of the slowest tick's (100 a
    /// second) would be more.
    pub(super) fn without_tick(&self) -> bool {
        let interrupts = self.report.counts.map_or(0, |[interrupts, ..]| interrupts);
        let period = self.report.times.map_or(0, |[.., period]| period);
        interrupts > 0 && interrupts * 100 < period
    }

    /// It was in a timer, an interrupt handler or a softirq.
    fn storm(&self, number: u32, storm: &Storm, stuck: bool) -> Found {
        let what = storm.what;
        let named = match (&storm.function, self.context.culprit) {
            (Some(name), _) => format!(": {name}()"),
            (None, Some(name)) => format!(": {name}(), as another report of this stall shows"),
            (None, None) => String::new(),
        };
        let unnamed = if named.is_empty() && what.ends_with("timers") {
            " It was caught between two callbacks, and this stack does not show whose: another report may, or /proc/timer_list."
        } else {
            ""
        };
        let confidence = if stuck && what != "softirqs" {
            High
        } else {
            Medium
        };
        (
            Cause::InterruptStorm,
            confidence,
            format!(
                "CPU {number} was busy with {what}{named} and did not come out of it: each run takes longer than the time until the next is due, or one never ends.{unnamed}"
            ),
            LINES,
        )
    }

    /// No line tells more of the CPU: an old kernel, or an expedited report.
    fn without_line(&self, number: u32, verdict: Option<&Verdict>) -> Found {
        let expedited = self.report.header.kind == Kind::Expedited;
        let irqs_off = verdict.and_then(|verdict| verdict.irqs_on) == Some(false);
        let (cause, confidence, words) = if self.companion(Companion::HardLockup) {
            let words = "does not answer, and the hard lockup detector saw no interrupt there.";
            (Cause::IrqsOff, Medium, words)
        } else if expedited && self.report.answered == Some(false) {
            let words = "has not even taken the interrupt by which it was asked (the flag D): interrupts are off there, or it does not run.";
            (Cause::IrqsOff, Medium, words)
        } else if expedited && irqs_off && self.report.answered != Some(true) {
            let words = "had interrupts off when it was looked at, and has not answered RCU's.";
            (Cause::IrqsOff, Medium, words)
        } else if expedited && self.report.answered == Some(true) {
            let words = "took the interrupt by which it was asked, and passed no quiescent state since: it loops in the kernel, inside a reader or with preemption or softirqs off.";
            (Cause::PreemptOff, Medium, words)
        } else if expedited && self.dump.is_some_and(of_idle_task) {
            let words = "runs its idle task, which holds nothing up: an interrupt came there and does not end, or the CPU does not run.";
            (Cause::Unknown, Low, words)
        } else if expedited {
            let words = "has not passed a quiescent state although it was asked by an interrupt: it loops in the kernel.";
            (Cause::PreemptOff, Low, words)
        } else if self.idle_task_reports() {
            let words = "reports itself at no timeout's time and runs its idle task, which holds nothing up: it did not run, or took no tick, and the machine may have stood still.";
            (Cause::VmPaused, Low, words)
        } else if self.self_detected() {
            let words = "still takes its tick, since it reports itself, but passes no quiescent state: it loops in the kernel.";
            (Cause::PreemptOff, Medium, words)
        } else if irqs_off {
            let words =
                "had interrupts off when it was looked at, and another CPU had to report it.";
            (Cause::IrqsOff, Medium, words)
        } else {
            let words = "was waited for; this kernel prints no more about it.";
            (Cause::Unknown, Low, words)
        };
        (
            cause,
            confidence,
            format!("CPU {number} {words}"),
            &[About::Header],
        )
    }

    /// An idle CPU reports itself, and not when a default timeout would.
    fn idle_task_reports(&self) -> bool {
        self.self_detected()
            && self.context.first
            && crate::hz::guess(self.elapsed()).is_none()
            && self.dump.is_some_and(of_idle_task)
    }

    pub(super) fn ticks(&self, cpu: &Cpu) -> String {
        match (cpu.behind, cpu.value) {
            (true, 1) => "1 grace period behind".into(),
            (true, n) => format!("{n} grace periods behind"),
            (false, 1) => "1 tick".into(),
            (false, n) => format!("{n} ticks"),
        }
    }

    /// What it did in this grace period, or that it does not know of it.
    pub(super) fn heard(&self, cpu: &Cpu) -> String {
        let ticks = self.ticks(cpu);
        if cpu.behind {
            format!("is {ticks}")
        } else {
            format!("took {ticks} in this grace period")
        }
    }

    pub(super) fn idle_cpu(&self) -> Option<Found> {
        let cpu = self.report.cpu_lines.first()?;
        if self
            .report
            .cpu_lines
            .iter()
            .any(|cpu| cpu.value > 50 && !cpu.behind)
        {
            return Some((
                Cause::Unknown,
                Low,
                format!(
                    "CPU {} is idle and takes ticks, and RCU does not see it as quiescent.",
                    cpu.cpu
                ),
                &[About::Cpu, About::Idle],
            ));
        }
        if self
            .report
            .cpu_lines
            .iter()
            .all(|cpu| cpu.fqs.is_some_and(|scans| scans <= 1))
            && !self.self_detected()
        {
            return Some((
                Cause::GpKthreadStarved,
                Medium,
                format!(
                    "CPU {} was idle, which holds nothing up: the grace-period kthread need only look, and fqs={} says that it did not. It does not run.",
                    cpu.cpu,
                    cpu.fqs.unwrap_or(0)
                ),
                &[About::Cpu, About::Idle],
            ));
        }
        Some((
            Cause::VmPaused,
            Medium,
            format!(
                "CPU {} was idle, which holds nothing up, and hardly took a tick in {}: it, or the whole machine, did not run in that time.",
                cpu.cpu,
                self.span(self.elapsed())
            ),
            &[About::Cpu, About::Summary, About::Idle],
        ))
    }
}

/// It is the idle task's, and shows nothing else.
fn of_idle_task(dump: &Dump) -> bool {
    let says = &dump.verdict;
    let comm = dump.comm.as_ref();
    comm.is_some_and(|comm| comm.starts_with("swapper"))
        && says.path.is_empty()
        && says.storm.is_none()
}

/// It ran user code.
fn user(number: u32) -> Found {
    (
        Cause::TickOff,
        Medium,
        format!(
            "CPU {number} runs user code, which is a quiescent state, and RCU does not notice: the tick that should tell it does not come."
        ),
        LINES,
    )
}
