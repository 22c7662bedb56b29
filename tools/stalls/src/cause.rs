// SPDX-License-Identifier: GPL-2.0

//! Says why a stall happened, how sure that is, and what to do.
//!
//! Each rule names what in the report it rests on. What the kernel prints is taken before what a
//! stack suggests, and a rule that leaves another reading says so by its confidence.

use crate::fact::{Blocked, Companion, Cpu};
use crate::hz::Hz;
use crate::model::{Cause, Confidence, Kind, Quote};
use crate::report::{About, Dump, Owner, Report};
use crate::stack;

use Confidence::{High, Low, Medium};

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
}

/// At most so many lines are quoted.
const MAX_EVIDENCE: usize = 8;

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
                .filter(|_| report.all_seen.is_none())
        })
        .or_else(starved)
        .or_else(|| report.dumps.iter().find(waited))?;
    Some((dump, dump.verdict.clone()))
}

/// The functions that a report's stack points at, innermost first.
#[must_use]
pub fn path(report: &Report) -> Vec<String> {
    let Some((dump, verdict)) = stack(report) else {
        return Vec::new();
    };
    if let Some(storm) = verdict.storm {
        // What the storm interrupted is innocent.
        return storm.function.into_iter().collect();
    }
    let guessed = verdict.path.is_empty() || !verdict.sure;
    match &dump.work {
        // A kworker names its work; a stack that the unwinder only guesses at says less.
        Some(work) if guessed && !verdict.idle && !dump.skipped => vec![work.clone()],
        _ => verdict.path,
    }
}

/// What the rules look at.
struct Case<'a> {
    report: &'a Report,
    context: Context<'a>,
    verdict: Option<stack::Verdict>,
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
        Low,
        "The report holds too little to tell.".into(),
        &[],
    ));
    Judgement {
        cause,
        confidence,
        evidence: case.evidence(about, cause),
        explanation: case.whole(explanation),
        next_steps: case.steps(cause),
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

    /// Whether a CPU runs something in the kernel.
    fn busy(&self, cpu: &Cpu) -> bool {
        let dump = self
            .report
            .dumps
            .iter()
            .find(|dump| dump.owner == Owner::Cpu(cpu.cpu));
        if let Some(dump) = dump {
            let verdict = &dump.verdict;
            if dump.skipped || verdict.idle {
                return false;
            }
            if !verdict.path.is_empty() || verdict.storm.is_some() {
                return true;
            }
        }
        let only_the_tick = cpu.nmi_nesting.unwrap_or(0) == 0 || self.self_detected();
        !(cpu.idle() && only_the_tick)
    }

    fn suppressed(&self) -> Option<Found> {
        self.report.header.suppressed.then(|| {
            (Cause::CsdLock, High, "The kernel left out the report, since a CPU waits for another that does not answer a cross-call: that is the real trouble.".into(), &[About::Header][..])
        })
    }

    fn tasks_rcu(&self) -> Option<Found> {
        (self.report.header.kind == Kind::Tasks).then(|| {
            let who = self.report.tasks.first().map_or_else(|| "a task".to_owned(), |task| format!("task {}", self.task_name(task.pid)));
            (Cause::Tasks, High, format!("{who} has not switched voluntarily, entered user mode or gone idle since the grace period began: Tasks RCU waits for that, and preemption does not count."), &[About::Header, About::Holdout][..])
        })
    }

    fn offline(&self) -> Option<Found> {
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
    fn impossible_time(&self) -> Option<Found> {
        let uptime = self.report.time?;
        let known = self.context.hz.filter(Hz::known).map_or(1024, |hz| hz.rate);
        let seconds = self.elapsed() as f64 / f64::from(known);
        (seconds > uptime + 5.0 && seconds > uptime * 1.05).then(|| {
            (Cause::VmPaused, High, format!("The grace period is said to last {}, and the kernel is up for only {}: jiffies jumped, as they do when a virtual machine was paused, saved or migrated.", human(seconds), human(uptime)), &[About::Summary, About::Cpu][..])
        })
    }

    fn too_soon(&self) -> Option<Found> {
        let elapsed = self.report.elapsed()?;
        if self.report.header.kind == Kind::Expedited {
            let soon = match self.seconds(elapsed) {
                Some(seconds) => seconds < 2.0,
                None => elapsed <= 300,
            };
            return soon.then(|| {
                let confidence = if elapsed <= 30 { High } else { Medium };
                (Cause::TimeoutTooSmall, confidence, format!("An expedited grace period was reported after {elapsed} jiffies. That is what a timeout of some milliseconds does (CONFIG_RCU_EXP_CPU_STALL_TIMEOUT); nothing is stuck yet, something is only slower than that."), &[About::Header][..])
            });
        }
        let soon = match self.context.hz {
            // The shortest timeout is 3 s.
            Some(hz) if hz.known() => elapsed < i64::from(hz.rate) * 5 / 2,
            _ => elapsed < 250,
        };
        soon.then(|| {
            (Cause::Unknown, Low, format!("The report came after {elapsed} jiffies, sooner than any timeout allows: a grace period was just beginning or ending. Take it for a false alarm unless it repeats."), &[About::Summary][..])
        })
    }

    /// A CPU that runs in the kernel, and what keeps it there.
    fn busy_cpu(&self) -> Option<Found> {
        let expedited = self.report.header.kind == Kind::Expedited;
        let idle = self
            .report
            .cpu_lines
            .iter()
            .filter(|cpu| !self.busy(cpu))
            .count();
        if idle >= 3 && idle * 2 > self.report.cpu_lines.len() {
            // Not one CPU's trouble, but the machine's.
            return None;
        }
        let cpu = self.report.cpu_lines.iter().find(|cpu| self.busy(cpu));
        let number = match cpu {
            Some(cpu) => cpu.cpu,
            None if !self.report.cpu_lines.is_empty() => return None,
            None if self.report.cpus.is_empty() => return None,
            None => {
                let verdict = self.verdict.as_ref();
                if verdict.is_some_and(|verdict| verdict.idle) {
                    return None;
                }
                *self.report.cpus.first()?
            }
        };
        let of_cpu = self
            .dump
            .is_some_and(|dump| matches!(dump.owner, Owner::Cpu(_) | Owner::Unsaid));
        let verdict = self.verdict.as_ref().filter(|_| of_cpu);
        let lines: &'static [About] = &[About::Cpu, About::Table];
        let stuck = cpu
            .and_then(Cpu::irq_work)
            .is_some_and(|flag| flag.is_ascii_digit());

        if let Some(verdict) = verdict {
            if verdict.console {
                let confidence = if verdict.sure { High } else { Medium };
                return Some((
                    Cause::SlowConsole,
                    confidence,
                    format!(
                        "CPU {number} was printing to a console. A serial line takes 87 µs a character at 115200 baud, and the CPU that prints waits for it."
                    ),
                    lines,
                ));
            }
            if verdict.callback {
                return Some((
                    Cause::StuckCallback,
                    Medium,
                    format!(
                        "CPU {number} was running RCU callbacks, and one of them does not return."
                    ),
                    lines,
                ));
            }
            if verdict.cross_call || self.companion(Companion::Csd) {
                let confidence = if self.companion(Companion::Csd) {
                    High
                } else {
                    Medium
                };
                return Some((
                    Cause::CsdLock,
                    confidence,
                    format!(
                        "CPU {number} waits for other CPUs to answer a cross-call. The culprit is the CPU that does not answer, not this one."
                    ),
                    lines,
                ));
            }
        }
        if let Some([irq, softirq, _, period]) = self.report.times {
            if period > 0
                && (irq + softirq) * 10 >= period * 7
                && (irq + softirq) <= period * 11 / 10
            {
                return Some((
                    Cause::InterruptStorm,
                    High,
                    format!(
                        "CPU {number} spent {irq} ms in interrupts and {softirq} ms in softirqs out of {period} ms."
                    ),
                    lines,
                ));
            }
        }
        if let Some(storm) = verdict.and_then(|verdict| verdict.storm.as_ref()) {
            let what = storm.what;
            let named = storm
                .function
                .as_ref()
                .map_or_else(String::new, |name| format!(": {name}()"));
            let confidence = if stuck && what != "softirqs" {
                High
            } else {
                Medium
            };
            return Some((
                Cause::InterruptStorm,
                confidence,
                format!(
                    "CPU {number} was busy with {what}{named} and did not come out of it: each run takes longer than the time until the next is due, or one never ends."
                ),
                lines,
            ));
        }
        if self.report.counts == Some([0, 0, 0]) {
            return Some((
                Cause::IrqsOff,
                High,
                format!(
                    "CPU {number} took no interrupt and no softirq and did not switch: interrupts are off."
                ),
                lines,
            ));
        }
        if let Some([hardirqs, softirqs, 0]) = self.report.counts {
            let what = if softirqs == 0 {
                "softirqs"
            } else {
                "preemption"
            };
            let confidence = if hardirqs > 0 { High } else { Medium };
            return Some((
                Cause::PreemptOff,
                confidence,
                format!(
                    "CPU {number} takes interrupts ({hardirqs}) and does not switch: it loops in the kernel with {what} off."
                ),
                lines,
            ));
        }
        if verdict.is_some_and(|verdict| verdict.user) {
            return Some((
                Cause::TickOff,
                Medium,
                format!(
                    "CPU {number} runs user code, which is a quiescent state, and RCU does not notice: the tick that should tell it does not come."
                ),
                lines,
            ));
        }
        let Some(cpu) = cpu else {
            // No line tells more of the CPU: an old kernel, or an expedited report.
            if self.companion(Companion::HardLockup) {
                return Some((
                    Cause::IrqsOff,
                    Medium,
                    format!(
                        "CPU {number} does not answer, and the hard lockup detector saw no interrupt there."
                    ),
                    lines,
                ));
            }
            if expedited && verdict.and_then(|verdict| verdict.irqs_on) == Some(false) {
                return Some((
                    Cause::IrqsOff,
                    Medium,
                    format!(
                        "CPU {number} had interrupts off when it was looked at, and has not answered RCU's."
                    ),
                    &[About::Header],
                ));
            }
            if expedited {
                return Some((
                    Cause::PreemptOff,
                    Low,
                    format!(
                        "CPU {number} has not passed a quiescent state although it was asked by an interrupt: it loops in the kernel."
                    ),
                    &[About::Header],
                ));
            }
            if self.self_detected() {
                return Some((
                    Cause::PreemptOff,
                    Medium,
                    format!(
                        "CPU {number} still takes its tick, since it reports itself, but passes no quiescent state: it loops in the kernel."
                    ),
                    &[About::Header],
                ));
            }
            return Some((
                Cause::Unknown,
                Low,
                format!("CPU {number} was waited for; this kernel prints no more about it."),
                &[About::Header],
            ));
        };
        self.by_flags(cpu, stuck)
    }

    /// What the kernel's own line says of a CPU.
    fn by_flags(&self, cpu: &Cpu, stuck: bool) -> Option<Found> {
        let lines: &'static [About] = &[About::Cpu];
        let number = cpu.cpu;
        let elapsed = u64::try_from(self.elapsed()).unwrap_or(0);
        let few = !cpu.behind && cpu.value <= 5 + elapsed / 50;
        let none = !cpu.behind && cpu.value <= 5;
        if self.self_detected() {
            if few && elapsed > 1000 && cpu.idle() {
                return None;
            }
            if few && elapsed > 1000 {
                return Some((
                    Cause::VmPaused,
                    Low,
                    format!(
                        "CPU {number} took {} ticks in {}: it was not running, or had its tick off, and then reported itself.",
                        cpu.value,
                        self.span(self.elapsed())
                    ),
                    lines,
                ));
            }
            let confidence = if cpu.behind { Medium } else { High };
            return Some((
                Cause::PreemptOff,
                confidence,
                format!(
                    "CPU {number} took {} in this grace period and passed no quiescent state: it loops in the kernel, with preemption or softirqs off, or on a kernel that does not preempt.",
                    self.ticks(cpu)
                ),
                lines,
            ));
        }
        if stuck {
            let confidence = if few || cpu.behind { High } else { Medium };
            return Some((
                Cause::IrqsOff,
                confidence,
                format!(
                    "An interrupt that RCU sent CPU {number} at half the timeout is still pending: the CPU has interrupts off, or does not run at all."
                ),
                lines,
            ));
        }
        // Its tick would have told it of the new grace period, through its RCU softirq.
        let deaf = cpu.behind && cpu.softirq.is_some_and(|(then, now)| then == now);
        if deaf && cpu.irq_work() != Some('.') {
            return Some((
                Cause::IrqsOff,
                Medium,
                format!(
                    "CPU {number} runs in the kernel, has not heard of the last {} grace periods and ran no RCU softirq since: interrupts are off there (or softirqs are).",
                    cpu.value
                ),
                lines,
            ));
        }
        match cpu.irq_work() {
            Some('.') if few && elapsed > 1000 => Some((
                Cause::TickOff,
                Medium,
                format!(
                    "CPU {number} answers interrupts and runs in the kernel, but took only {} of its own: the scheduler tick is off there.",
                    self.ticks(cpu)
                ),
                lines,
            )),
            Some('.') => Some((
                Cause::PreemptOff,
                if cpu.behind { Medium } else { High },
                format!(
                    "CPU {number} answers interrupts and takes ticks ({}), and passes no quiescent state: it loops in the kernel.",
                    self.ticks(cpu)
                ),
                lines,
            )),
            Some(_) if few && self.kthread_there(number) => Some((
                Cause::IrqsOff,
                Medium,
                format!(
                    "CPU {number} took {} and also keeps the grace-period kthread, which ran there last, from running: interrupts are off, or nothing but interrupts runs.",
                    self.ticks(cpu)
                ),
                &[About::Cpu, About::Kthread],
            )),
            Some(_) if none && self.report.starved.is_some() => self.kthread(),
            Some(_) if few => Some((
                Cause::IrqsOff,
                Low,
                format!(
                    "CPU {number} took {}: interrupts are off, or the CPU does not run.",
                    self.ticks(cpu)
                ),
                lines,
            )),
            Some(_) => Some((
                Cause::PreemptOff,
                Medium,
                format!(
                    "CPU {number} takes ticks ({}) and passes no quiescent state.",
                    self.ticks(cpu)
                ),
                lines,
            )),
            // Before 4.16 nothing tells interrupts off from a tick that is off.
            None if none => Some((
                Cause::IrqsOff,
                Medium,
                format!(
                    "CPU {number} runs in the kernel and took no tick: interrupts are off, or the tick is.",
                ),
                lines,
            )),
            None if cpu.behind => Some((
                Cause::IrqsOff,
                Low,
                format!(
                    "CPU {number} runs in the kernel and has not heard of {} grace periods: interrupts are off, or its RCU softirq does not run.",
                    cpu.value
                ),
                lines,
            )),
            None => Some((
                Cause::PreemptOff,
                Medium,
                format!(
                    "CPU {number} takes ticks ({}) and passes no quiescent state: it loops in the kernel.",
                    self.ticks(cpu)
                ),
                lines,
            )),
        }
    }

    fn ticks(&self, cpu: &Cpu) -> String {
        match (cpu.behind, cpu.value) {
            (true, n) => format!("{n} grace periods behind"),
            (false, 1) => "1 tick".into(),
            (false, n) => format!("{n} ticks"),
        }
    }

    fn kthread_there(&self, cpu: u32) -> bool {
        self.report
            .starved
            .as_ref()
            .is_some_and(|(_, at, _)| *at == Some(i64::from(cpu)))
    }

    fn task_dump(&self, pid: u32) -> Option<&Dump> {
        self.report
            .dumps
            .iter()
            .find(|dump| dump.owner == Owner::Task(Some(pid)))
    }

    fn task_name(&self, pid: u32) -> String {
        let dump = self.task_dump(pid);
        match dump.and_then(|dump| dump.comm.as_ref()) {
            Some(comm) => format!("{comm} (PID {pid})"),
            None => format!("PID {pid}"),
        }
    }

    fn blocked_task(&self) -> Option<Found> {
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
        let confidence = if newer { High } else { Medium };
        Some((
            Cause::ReaderTooLong,
            confidence,
            format!(
                "{name} has been inside one RCU reader all the time, and was running there when the report was made."
            ),
            lines,
        ))
    }

    /// The grace-period kthread's timer is overdue since the grace period began.
    fn timer_lost_all_along(&self) -> bool {
        let elapsed = self.elapsed().saturating_mul(9);
        self.report
            .timer
            .is_some_and(|lost| lost.saturating_mul(10) >= elapsed)
    }

    /// The kthread slept on from the grace period's start: it waited for its timer, and for nobody.
    fn timer_lost_before(&self) -> Option<Found> {
        let lost = self.timer_lost_all_along() && self.report.kthread_sleeps();
        lost.then(|| self.kthread()).flatten()
    }

    /// A CPU that takes its tick reports itself, and another CPU's timer is as late as all else.
    fn stood_still(&self) -> Option<Found> {
        let cpu = self.report.cpu_lines.first()?;
        let (timer_cpu, _) = self.report.timer_cpu?;
        let ticked = !cpu.behind && cpu.value > 50;
        let still = self.self_detected()
            && self.timer_lost_all_along()
            && timer_cpu != cpu.cpu
            && cpu.fqs.is_some_and(|scans| scans <= 1)
            && !ticked;
        still.then(|| {
            (Cause::VmPaused, Medium, format!("CPU {} takes ticks again, for it reports itself, and the timer on CPU {timer_cpu} is overdue by the whole {}: all CPUs stood still at once, as when a virtual machine is paused.", cpu.cpu, self.span(self.elapsed())), &[About::Cpu, About::Summary, About::Timer][..])
        })
    }

    fn kthread(&self) -> Option<Found> {
        let (jiffies, cpu, state) = self.report.starved.as_ref()?;
        let long = self.report.all_seen.unwrap_or(0) >= 100_000
            && self.context.first
            && crate::hz::guess(self.elapsed()).is_none();
        if long && self.report.cpu_lines.iter().all(|cpu| !self.busy(cpu)) {
            return self.jumped(&[About::Summary, About::AllSeen, About::Kthread]);
        }
        let place = cpu
            .filter(|cpu| *cpu >= 0)
            .map_or_else(String::new, |cpu| format!(" on CPU {cpu}"));
        let span = self.span(*jiffies);
        if self.report.kthread_sleeps() {
            let confidence = if self.report.timer.is_some() {
                High
            } else {
                Medium
            };
            return Some((
                Cause::GpKthreadTimerLost,
                confidence,
                format!(
                    "The grace-period kthread sleeps{place} since {span} and waits for a timer of a few jiffies: that timer did not fire. The CPU it is queued on takes no timer interrupts, or the (virtual) CPU does not run."
                ),
                &[About::Timer, About::Kthread],
            ));
        }
        let waking = if state == "0x200" {
            ", has been woken, and its CPU does not finish that: the (virtual) CPU does not run or takes no interrupts"
        } else {
            " and is ready to run: something of higher priority has the CPU"
        };
        let confidence = if state == "0x200" || state.is_empty() {
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

    fn jumped(&self, lines: &'static [About]) -> Option<Found> {
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

    fn idle_cpu(&self) -> Option<Found> {
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

    fn rest(&self) -> Option<Found> {
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

    fn whole(&self, mut explanation: String) -> String {
        if self.report.interleaved {
            explanation.push_str(
                " Output of several CPUs is mixed here: a line may belong to another report.",
            );
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

    fn steps(&self, cause: Cause) -> Vec<String> {
        let cpu = self.report.cpus.first().copied().unwrap_or(0);
        let function = self.context.culprit.unwrap_or("the function on the stack");
        let steps: Vec<String> = match cause {
            Cause::ReaderTooLong => vec![
                format!("Look at the loop around {function}: leave the reader (rcu_read_unlock()) now and then, or walk a part at a time."),
                "Where the reader must be that long, or must sleep, use SRCU.".into(),
            ],
            Cause::PreemptedReader => vec![
                "See who keeps the task off the CPU: `ps -eLo pid,cls,rtprio,psr,stat,wchan:30,comm --sort=-rtprio`.".into(),
                "Build with CONFIG_RCU_BOOST=y, so that a preempted reader is boosted past real-time tasks.".into(),
                "A reader that sleeps is a bug: run with CONFIG_PROVE_RCU=y and CONFIG_DEBUG_ATOMIC_SLEEP=y.".into(),
            ],
            Cause::IrqsOff => vec![
                format!("Look at {function}: what it does between local_irq_save() or spin_lock_irqsave() and the end of that, and on which lock it waits."),
                format!("Record who turns interrupts off: `echo irqsoff > /sys/kernel/tracing/current_tracer` (CONFIG_IRQSOFF_TRACER=y), then read trace; CPU {cpu} counts."),
                "On real hardware also suspect firmware (SMI): run the hwlat tracer. In a guest, look whether the host ran the vCPU (steal time).".into(),
            ],
            Cause::PreemptOff => vec![
                format!("Look at the loop around {function}: put cond_resched() in, or do less at a time."),
                "On a kernel without preemption every long loop does this: try preempt=full or preempt=lazy on the command line.".into(),
            ],
            Cause::InterruptStorm => vec![
                format!("See which one it is: compare two readings of /proc/interrupts and /proc/softirqs for CPU {cpu}, and nr_hangs and max_hang_time in /proc/timer_list."),
                format!("If it is a timer, {function} must forward its expiry past now (hrtimer_forward_now()), not by one interval; lengthen the interval."),
                "Boot with rcupdate.rcu_cpu_stall_cputime=1: the next report then counts interrupts and softirqs.".into(),
            ],
            Cause::GpKthreadStarved => vec![
                "See what has that CPU: `ps -eLo pid,cls,rtprio,psr,pcpu,comm --sort=-rtprio`; a real-time task that never sleeps is the usual one.".into(),
                "Boot with rcutree.kthread_prio=N above it, keep RT throttling on (kernel.sched_rt_runtime_us), or move the hog.".into(),
                "In a guest, look at the host: steal time, overcommit, a vCPU that is not scheduled.".into(),
            ],
            Cause::GpKthreadTimerLost => vec![
                "Look whether timers fire on that CPU: `grep -A3 LOC /proc/interrupts` twice, and /proc/timer_list for it.".into(),
                "In a guest, suspect the host's timer or a vCPU that does not run; on hardware, a clockevent that stops in deep idle: try idle=poll or processor.max_cstate=1 as a test.".into(),
            ],
            Cause::TickOff => vec![
                "See nohz_full= and isolcpus= on the command line: a kernel loop on such a CPU needs cond_resched() for RCU's sake.".into(),
                format!("Look at {function}: does it stay in the kernel for seconds?"),
            ],
            Cause::VmPaused => vec![
                "Look at the host: was the guest paused, saved, migrated, or starved at that time?".into(),
                "If it is only that, nothing is wrong in the guest; a paravirtual clock (kvm-clock) lets the kernel know and keep quiet.".into(),
                "Raise rcupdate.rcu_cpu_stall_timeout (at most 300 s) where such pauses are normal.".into(),
            ],
            Cause::TimeoutTooSmall => vec![
                "Raise it: rcupdate.rcu_exp_cpu_stall_timeout=21000 (in ms; 0 takes the normal timeout's value).".into(),
                format!("If the delay itself matters to you, {function} is what was slow."),
            ],
            Cause::SlowConsole => vec![
                "Print less: lower the console's log level (`dmesg -n 4`, or loglevel=4), and see what prints so much.".into(),
                "Use a faster line (console=ttyS0,115200 or more), or netconsole; a console driver with nbcon prints from a kthread.".into(),
            ],
            Cause::StuckCallback => vec![
                format!("Look at {function}: a callback must be short, may not sleep, and holds up all others behind it."),
                "Move long work out of it with queue_rcu_work().".into(),
            ],
            Cause::CsdLock => vec![
                "Find the CPU that does not answer: boot with csdlock_debug=1 (CONFIG_CSD_LOCK_WAIT_DEBUG=y), and read its stack.".into(),
                "It has interrupts off, or does not run: treat it as that.".into(),
            ],
            Cause::Tasks => vec![
                format!("Look at {function}: a kthread's loop needs cond_resched_tasks_rcu_qs(), or to sleep now and then."),
                "Who waits is mostly tracing or BPF (a trampoline to be freed): it hangs until the task yields.".into(),
            ],
            Cause::OfflineCpu => vec!["Report it to the RCU maintainers with the whole log, and try the newest kernel.".into()],
            Cause::Unknown => vec![
                "Get a longer log: the lines that follow the header, up to the stacks, and all repeats.".into(),
                "Boot with rcupdate.rcu_cpu_stall_cputime=1, and let it happen again.".into(),
            ],
        };
        let mut steps = steps;
        steps
            .push("Field by field: Documentation/RCU/stallwarn.rst in the kernel's source.".into());
        steps
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
