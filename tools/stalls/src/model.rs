// SPDX-License-Identifier: GPL-2.0

//! What one stall header turned out to be.

use std::collections::BTreeMap;

use serde::Serialize;

/// How the kernel reported the stall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A CPU found itself stalled.
    SelfDetected,
    /// A CPU found others, or tasks, stalled.
    Detected,
    /// An expedited grace period is stuck.
    Expedited,
    /// A grace period of Tasks RCU is stuck.
    Tasks,
}

/// Why it stalled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// A task runs inside one RCU reader for too long.
    ReaderTooLong,
    /// A task was preempted, or sleeps, inside an RCU reader.
    PreemptedReader,
    /// A CPU runs with interrupts off.
    IrqsOff,
    /// A CPU runs without a quiescent state: preemption or softirqs off, or no preemption at all.
    PreemptOff,
    /// A CPU does nothing but interrupts, timers or softirqs.
    InterruptStorm,
    /// The grace-period kthread gets no CPU time.
    GpKthreadStarved,
    /// The grace-period kthread sleeps on, since its timer did not fire.
    GpKthreadTimerLost,
    /// A CPU in the kernel takes no scheduler tick.
    TickOff,
    /// The machine stood still, or its time jumped.
    VmPaused,
    /// The timeout is shorter than what the machine normally needs.
    TimeoutTooSmall,
    /// Output to a slow console keeps the CPU.
    SlowConsole,
    /// One RCU callback does not return.
    StuckCallback,
    /// A CPU waits for another that does not answer its cross-call.
    CsdLock,
    /// A task does not pass the quiescent state of Tasks RCU.
    Tasks,
    /// An offline CPU is waited for.
    OfflineCpu,
    /// The report does not say.
    Unknown,
}

impl Cause {
    /// The word for it, as in the JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ReaderTooLong => "reader-too-long",
            Self::PreemptedReader => "preempted-reader",
            Self::IrqsOff => "irqs-off",
            Self::PreemptOff => "preempt-off",
            Self::InterruptStorm => "interrupt-storm",
            Self::GpKthreadStarved => "gp-kthread-starved",
            Self::GpKthreadTimerLost => "gp-kthread-timer-lost",
            Self::TickOff => "tick-off",
            Self::VmPaused => "vm-paused",
            Self::TimeoutTooSmall => "timeout-too-small",
            Self::SlowConsole => "slow-console",
            Self::StuckCallback => "stuck-callback",
            Self::CsdLock => "csd-lock",
            Self::Tasks => "tasks",
            Self::OfflineCpu => "offline-cpu",
            Self::Unknown => "unknown",
        }
    }

    /// The heading for a person.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::ReaderTooLong => "an RCU reader runs for too long",
            Self::PreemptedReader => "a task was preempted inside an RCU reader",
            Self::IrqsOff => "interrupts are off for too long",
            Self::PreemptOff => "the kernel loops without a quiescent state",
            Self::InterruptStorm => "interrupts, timers or softirqs take the whole CPU",
            Self::GpKthreadStarved => "the grace-period kthread gets no CPU time",
            Self::GpKthreadTimerLost => "the grace-period kthread's timer did not fire",
            Self::TickOff => "the CPU takes no scheduler tick",
            Self::VmPaused => "the machine stood still, or its time jumped",
            Self::TimeoutTooSmall => "the stall timeout is too small",
            Self::SlowConsole => "a slow console keeps the CPU",
            Self::StuckCallback => "an RCU callback does not return",
            Self::CsdLock => "a CPU does not answer a cross-call",
            Self::Tasks => "a task does not switch voluntarily",
            Self::OfflineCpu => "an offline CPU is waited for",
            Self::Unknown => "the log does not say why",
        }
    }
}

/// How sure the cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// A guess that fits.
    Low,
    /// The likeliest of a few.
    Medium,
    /// The kernel's own words leave no other reading.
    High,
}

impl Confidence {
    /// The word for it, as in the JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A line of the log that a verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// 1-based.
    pub line: u64,
    /// What the kernel printed there, without what carried it.
    pub text: String,
}

/// One report of a stall: what followed one stall header.
///
/// The fields up to `next_steps` are the fixed part of the JSON; what the kernel did not print
/// is `None` or empty.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Episode {
    /// The header's line, 1-based.
    pub line: u64,
    /// The kernel's own time stamp, in seconds.
    pub timestamp: Option<f64>,
    /// The flavour of RCU, as printed.
    pub flavor: String,
    /// How it was reported.
    pub kind: Kind,
    /// The CPU that reported others.
    pub detected_by: Option<i64>,
    /// The CPUs that were waited for.
    pub stalled_cpus: Vec<u32>,
    /// The tasks that were waited for, by PID.
    pub stalled_tasks: Vec<u32>,
    /// For how long, in jiffies.
    pub elapsed_jiffies: Option<i64>,
    /// The grace period's number (expedited: `s:`).
    pub gp_seq: Option<i64>,
    /// Callbacks queued on all CPUs.
    pub callbacks_queued: Option<u64>,
    /// CPUs online.
    pub ncpus: Option<u32>,
    /// Scheduler ticks that a CPU took in this grace period.
    pub ticks_this_gp: BTreeMap<u32, u64>,
    /// Grace periods that a CPU knows nothing of.
    pub gps_behind: BTreeMap<u32, u64>,
    /// For how long the grace-period kthread did not run.
    pub kthread_starved_jiffies: Option<i64>,
    /// For how long its timer is overdue.
    pub timer_wakeup_jiffies: Option<i64>,
    /// Nobody is waited for, and yet the grace period does not end.
    pub all_qses_seen: bool,
    /// Why.
    pub cause: Cause,
    /// The function that a stack trace points at.
    pub culprit: Option<String>,
    /// The cause in words.
    pub explanation: String,
    /// What to do about it.
    pub next_steps: Vec<String>,

    /// How sure the cause is.
    pub confidence: Confidence,
    /// The lines that say so.
    pub evidence: Vec<Quote>,
    /// Which stall this is a report of: reports of one stall share the number.
    pub incident: u64,
    /// `elapsed_jiffies` in seconds, when the tick rate is known.
    pub elapsed_seconds: Option<f64>,
    /// Jiffies in a second.
    pub hz: Option<u32>,
    /// How `hz` is known.
    pub hz_from: Option<&'static str>,
    /// What other watchdogs said around it.
    pub companions: Vec<Quote>,
    /// Output of several CPUs was mixed, and some lines may belong to another report.
    pub interleaved: bool,
    /// Lines of it are lost or broken, as others of it tell: nothing is sure.
    pub torn: bool,
    /// The report's end is missing.
    pub truncated: bool,
    /// Which machine of several in one log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}
