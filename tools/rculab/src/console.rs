// SPDX-License-Identifier: GPL-2.0

//! What the lines of a kernel console mean to us.

/// Why a console line is worth a person's attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// The kernel gave up.
    Panic,
    /// A CPU or a task held up a grace period, or another watchdog says so of the same cause.
    Stall,
    /// A bug report: oops, warning, sanitizer, lock or object debugging, leak.
    Bug,
}

/// What the stall detector and the watchdogs beside it print.
const STALLS: [&str; 13] = [
    " self-detected stall on CPU",
    " detected stalls on CPUs/tasks:",
    " detected expedited stalls on CPUs/tasks:",
    " detected stalls on tasks:",
    "All QSes seen, last ",
    "kthread starved for ",
    "kthread timer wakeup didn't happen for ",
    "watchdog: BUG: soft lockup",
    "ard LOCKUP",
    "workqueue lockup",
    "csd: Detected non-responsive CSD lock",
    "Kicking rcu_",
    " at rcu_stall_kick_kthreads+",
];

/// What the kernel prints about bugs in itself or in us.
const BUGS: [&str; 11] = [
    " BUG: ",
    "WARNING: ",
    "UBSAN: ",
    "ODEBUG: ",
    "Oops: ",
    "rust_kernel: panicked",
    "general protection fault",
    "new suspected memory leaks",
    "INFO: trying to register non-static key",
    "INFO: task ",
    "list corruption",
];

/// Judges one line.
pub fn alarm(line: &str) -> Option<Alarm> {
    let says = |texts: &[&str]| texts.iter().any(|text| line.contains(text));
    if line.contains("Kernel panic - not syncing") {
        Some(Alarm::Panic)
    } else if says(&STALLS) {
        Some(Alarm::Stall)
    } else if says(&BUGS) {
        Some(Alarm::Bug)
    } else {
        None
    }
}

/// The line without the kernel's time stamp.
pub fn text(line: &str) -> &str {
    match line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
    {
        Some((stamp, text)) if stamp.trim().parse::<f64>().is_ok() => text,
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms() {
        for (line, expected) in [
            (
                "[    1.640480] Kernel panic - not syncing: VFS: Unable to mount root fs",
                Some(Alarm::Panic),
            ),
            (
                "[   24.1] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
                Some(Alarm::Stall),
            ),
            (
                "[   24.1] rcu: INFO: rcu_preempt self-detected stall on CPU",
                Some(Alarm::Stall),
            ),
            (
                "[   24.1] watchdog: BUG: soft lockup - CPU#1 stuck for 22s!",
                Some(Alarm::Stall),
            ),
            (
                "[   24.1] watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 1",
                Some(Alarm::Stall),
            ),
            (
                "[   24.1] BUG: KASAN: slab-use-after-free in foo+0x1/0x2",
                Some(Alarm::Bug),
            ),
            (
                "[   24.1] WARNING: kernel/rcu/tree.c:1 at foo+0x1/0x2, CPU#1: a/1",
                Some(Alarm::Bug),
            ),
            ("[   24.1] WARNING: suspicious RCU usage", Some(Alarm::Bug)),
            (
                "[   24.1] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
                Some(Alarm::Bug),
            ),
            ("[    0.1] rcu: Hierarchical RCU implementation.", None),
            ("[    0.1] Run /init as init process", None),
            (
                "[   24.1] this needs CONFIG_CSD_LOCK_WAIT_DEBUG: not met",
                None,
            ),
        ] {
            assert_eq!(alarm(line), expected, "{line}");
        }
    }

    #[test]
    fn time_stamps() {
        assert_eq!(text("[    1.640480] rcu: x"), "rcu: x");
        assert_eq!(text("[foo] bar"), "[foo] bar");
        assert_eq!(text("plain"), "plain");
    }
}
