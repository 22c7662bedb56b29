// SPDX-License-Identifier: GPL-2.0

//! Which lines say that something is stuck.

use super::lines::contains;
use kernel::prelude::*;

/// A line that the kernel prints about something that is stuck.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    /// A CPU reports itself.
    SelfDetected,
    /// A CPU reports others, or tasks.
    Detected,
    /// An expedited grace period is stuck.
    Expedited,
    /// A grace period of Tasks RCU is stuck.
    Tasks,
    /// A stall that is not reported in full, since an IPI is stuck.
    Suppressed,
    /// Tasks that were preempted inside a reader.
    TasksBlocked,
    /// The grace-period kthread does not run.
    KthreadStarved,
    /// The grace-period kthread's timer did not fire.
    TimerWakeup,
    /// All have answered, and the grace-period kthread does nothing.
    AllSeen,
    /// The stall was over before it was reported.
    Ended,
    /// The stall was over while it was reported.
    EndedMeanwhile,
    /// A CPU that is offline holds the grace period up.
    OfflineCpu,
    /// A grace period of Tasks RCU is old, and no stall yet.
    TasksOld,
    /// The grace-period kthread is woken by force.
    Kicked,
    SoftLockup,
    HardLockup,
    HungTask,
    WorkqueueLockup,
    CsdLock,
}

/// How to recognise a class: what a line of it begins with, and what it contains after that.
struct Pattern {
    class: Class,
    name: &'static str,
    begins: &'static str,
    has: &'static str,
}

const fn pattern(
    class: Class,
    name: &'static str,
    begins: &'static str,
    has: &'static str,
) -> Pattern {
    Pattern {
        class,
        name,
        begins,
        has,
    }
}

/// In the order of [`Class`].
static PATTERNS: [Pattern; Class::COUNT] = [
    pattern(
        Class::SelfDetected,
        "self-detected",
        "rcu: INFO: ",
        " self-detected stall on CPU",
    ),
    pattern(
        Class::Detected,
        "detected",
        "rcu: INFO: ",
        " detected stalls on CPUs/tasks:",
    ),
    pattern(
        Class::Expedited,
        "expedited",
        "rcu: INFO: ",
        " detected expedited stalls on CPUs/tasks:",
    ),
    pattern(
        Class::Tasks,
        "tasks",
        "INFO: rcu_tasks",
        " detected stalls on tasks:",
    ),
    pattern(
        Class::Suppressed,
        "suppressed",
        "rcu: INFO: ",
        "suppressed full report due to a stuck CSD-lock",
    ),
    pattern(
        Class::TasksBlocked,
        "tasks-blocked",
        "rcu: \tTasks blocked on level-",
        " rcu_node (CPUs ",
    ),
    pattern(
        Class::KthreadStarved,
        "kthread-starved",
        "rcu: ",
        " kthread starved for ",
    ),
    pattern(
        Class::TimerWakeup,
        "timer-wakeup",
        "rcu: ",
        " kthread timer wakeup didn't happen for ",
    ),
    pattern(
        Class::AllSeen,
        "all-seen",
        "rcu: All QSes seen, last ",
        " kthread activity ",
    ),
    pattern(
        Class::Ended,
        "ended",
        "rcu: INFO: ",
        "tall ended before state dump start",
    ),
    pattern(
        Class::EndedMeanwhile,
        "ended-meanwhile",
        "rcu: INFO: Stall ended during ",
        "stack backtracing",
    ),
    pattern(
        Class::OfflineCpu,
        "offline-cpu",
        "rcu: Offline CPU ",
        " blocking current GP.",
    ),
    pattern(
        Class::TasksOld,
        "tasks-old",
        "rcu_tasks_wait_gp: rcu_tasks",
        " jiffies old.",
    ),
    pattern(
        Class::Kicked,
        "kicked",
        "Kicking rcu_",
        " grace-period kthread",
    ),
    pattern(
        Class::SoftLockup,
        "soft-lockup",
        "watchdog: BUG: soft lockup - CPU#",
        " stuck for ",
    ),
    pattern(
        Class::HardLockup,
        "hard-lockup",
        "watchdog: CPU",
        "Watchdog detected hard LOCKUP on cpu ",
    ),
    pattern(
        Class::HungTask,
        "hung-task",
        "INFO: task ",
        " for more than ",
    ),
    pattern(
        Class::WorkqueueLockup,
        "workqueue-lockup",
        "BUG: workqueue lockup - pool",
        "",
    ),
    pattern(Class::CsdLock, "csd-lock", "", " non-responsive CSD lock "),
];

impl Class {
    pub(crate) const COUNT: usize = Self::CsdLock as usize + 1;

    /// Returns the class of a whole line, if it is of one.
    pub(crate) fn of(line: &[u8]) -> Option<Self> {
        PATTERNS
            .iter()
            .find(|pattern| {
                line.strip_prefix(pattern.begins.as_bytes())
                    .is_some_and(|rest| pattern.has.is_empty() || contains(rest, pattern.has))
            })
            .map(|pattern| pattern.class)
    }

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        PATTERNS.iter().map(|pattern| pattern.class)
    }

    pub(crate) fn name(self) -> &'static str {
        PATTERNS[self as usize].name
    }

    /// Whether the line is the first of a report by RCU's stall detector.
    pub(crate) fn is_header(self) -> bool {
        matches!(
            self,
            Self::SelfDetected | Self::Detected | Self::Expedited | Self::Tasks | Self::Suppressed
        )
    }
}

#[kunit_tests(rculab_class)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_in_the_order_of_classes() {
        for (index, class) in Class::all().enumerate() {
            assert_eq!(class as usize, index);
        }
    }

    #[test]
    fn knows_the_lines_that_kernels_print() {
        for (line, class) in [
            (
                "rcu: INFO: rcu_preempt self-detected stall on CPU",
                Class::SelfDetected,
            ),
            (
                "rcu: INFO: rcu_sched self-detected stall on CPU",
                Class::SelfDetected,
            ),
            (
                "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
                Class::Detected,
            ),
            (
                "rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-...D } 26 \
                 jiffies s: 61 root: 0x2/.",
                Class::Expedited,
            ),
            ("INFO: rcu_tasks detected stalls on tasks:", Class::Tasks),
            (
                "rcu: INFO: rcu_preempt detected stall, but suppressed full report due to a stuck \
                 CSD-lock.",
                Class::Suppressed,
            ),
            (
                "rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1): P123",
                Class::TasksBlocked,
            ),
            (
                "rcu: rcu_preempt kthread starved for 5250 jiffies! g-283 f0x0 RCU_GP_WAIT_FQS(5) \
                 ->state=0x0 ->cpu=1",
                Class::KthreadStarved,
            ),
            (
                "rcu: rcu_preempt kthread timer wakeup didn't happen for 5249 jiffies! g-283 f0x0 \
                 RCU_GP_WAIT_FQS(5) ->state=I",
                Class::TimerWakeup,
            ),
            (
                "rcu: All QSes seen, last rcu_preempt kthread activity 3001 \
                 (4294673000-4294669999), jiffies_till_next_fqs=1, root ->qsmask 0x0",
                Class::AllSeen,
            ),
            (
                "rcu: INFO: Stall ended before state dump start",
                Class::Ended,
            ),
            (
                "rcu: INFO: Expedited stall ended before state dump start",
                Class::Ended,
            ),
            (
                "rcu: INFO: Stall ended during stack backtracing.",
                Class::EndedMeanwhile,
            ),
            ("rcu: Offline CPU 1 blocking current GP.", Class::OfflineCpu),
            (
                "rcu_tasks_wait_gp: rcu_tasks grace period number 9 (since boot) is 1003 jiffies \
                 old.",
                Class::TasksOld,
            ),
            ("Kicking rcu_preempt grace-period kthread", Class::Kicked),
            (
                "watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [stall_victim:99]",
                Class::SoftLockup,
            ),
            (
                "watchdog: CPU0: Watchdog detected hard LOCKUP on cpu 1",
                Class::HardLockup,
            ),
            (
                "INFO: task sh:1 blocked for more than 120 seconds.",
                Class::HungTask,
            ),
            (
                "INFO: task sh:1 blocked in I/O wait for more than 120 seconds.",
                Class::HungTask,
            ),
            (
                "BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 31s!",
                Class::WorkqueueLockup,
            ),
            (
                "smp: csd: Detected non-responsive CSD lock (#1) on CPU#0, waiting 5000000000 ns \
                 for CPU#01 f+0x0/0x10(0x0).",
                Class::CsdLock,
            ),
        ] {
            assert_eq!(Class::of(line.as_bytes()), Some(class));
        }
    }

    #[test]
    fn text_that_only_talks_about_stalls_is_of_no_class() {
        for line in [
            "",
            "rcu: INFO: ",
            "see: rcu: INFO: rcu_preempt self-detected stall on CPU",
            "rcu: \t1-....: (999 ticks this GP) idle=0002/1/0x4000000000000000 softirq=12/12 \
             fqs=500",
            "stall_torture: reader ended: stalls on CPUs/tasks: none",
            "rcu_preempt kthread starved for attention",
        ] {
            assert_eq!(Class::of(line.as_bytes()), None);
        }
    }
}
