// SPDX-License-Identifier: GPL-2.0

//! The kernel's format strings, as patterns.

use std::sync::LazyLock;

use regex::Regex;
use regex::bytes::{RegexSet, RegexSetBuilder};

use super::Companion;

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}

macro_rules! patterns {
    ($($name:ident = $pattern:expr;)*) => {
        $(pub(super) static $name: LazyLock<Regex> = LazyLock::new(|| regex(concat!(r"\A(?:", $pattern, ")")));)*
    };
    // With a set that says in one pass whether any matches: most lines match none.
    (set $set:ident; $($name:ident = $pattern:expr;)*) => {
        patterns! { $($name = $pattern;)* }
        pub(super) static $set: LazyLock<RegexSet> =
            LazyLock::new(|| set(&[$(concat!(r"\A(?:", $pattern, ")")),*]));
    };
}

fn set(patterns: &[&str]) -> RegexSet {
    // By bytes, and with room: else the set is too big for a table, and slow.
    let mut builder = RegexSetBuilder::new(patterns);
    let builder = builder.unicode(false).dfa_size_limit(1 << 23);
    builder.build().expect("constant patterns")
}

patterns! {
    // Some loggers write a question mark for the tab.
    PREFIX = r"rcu\s*:\s*(?:\?\s*)?";
    HEADER_SELF = r"INFO: (rcu_\w+) self-detected stall on CPU(\s*\{)?";
    HEADER_ONE = r"INFO: (rcu_\w+) detected stall on CPU (\d+) \(t=(-?\d+) jiffies\)";
    HEADER_ONE_CUT = r"(?:.* )?INFO: (?:rcu_\w+ detected stall on CPU \d+|RCU detected CPU \d+ stall)\z";
    HEADER_OTHER = r"INFO: (rcu_\w+) detected stalls on CPUs/tasks:(\s*\{)?";
    HEADER_EXPEDITED = r"INFO: (rcu_\w+) detected expedited stalls on CPUs(?:/tasks)?:\s*\{";
    HEADER_TASKS = r"INFO: (rcu_tasks\w*) detected stalls on tasks:";
    HEADER_CSD = r"INFO: (rcu_\w+) detected (expedited stalls|stall), but suppressed full report due to a stuck CSD-lock\.?";
    HEADER_OLD_ONE = r"INFO: (RCU) detected CPU (\d+) stall \(t=(?:\d+/)?(-?\d+) jiffies\)";
    HEADER_OLD_OTHER = r"INFO: (RCU|rcu_\w+) detected CPU stalls:";
    HEADER_TINY = r"INFO: (rcu_\w+) stall on CPU \((\d+) ticks this GP\) idle=[0-9a-f]+ \(t=(-?\d+) jiffies q=(-?\d+)\)";
    CPU = r"(\d{1,5})(?:-([O.][o.][N.][D.!?0-9]?))?: \((\d+) (GPs behind|ticks this GP)\)";
    CPU_IDLE = r"\s*idle=([0-9a-fA-F]+)(?:/([0-9a-fA-F]+)(?:/((?:0x)?[0-9a-fA-F]+))?)?";
    CPU_SOFTIRQ = r"\s*softirq=(\d+)/(\d+)";
    CPU_FQS = r"\s*fqs=(-?\d+)";
    CPU_RCUC = r"\s*rcuc=(-?\d+) jiffies ?\(starved\)";
    CPU_FALSE = r"\s*\(false positive\?\)";
    CPU_NO_HZ = r"\s*(?:last_accelerate: [0-9a-f]+/[0-9a-f]+,?(?: nonlazy_posted: -?\d+,)?(?: dyntick_enabled: \d+)?(?: [L.][D.])?|drain=-?\d+ \S(?: timer(?:=| )[^()]*)?|dyntick_enabled: \d+|\.\.|\.)";
    SUMMARY_SELF = r"\(t ?= ?(-?\d+) jiffies(?: g ?= ?(-?\d+))?(?: c=-?\d+)?(?: q ?= ?(-?\d+))?(?: ncpus=(\d+))?\)";
    SUMMARY_OTHER = r"\(detected by (-?\d+), (?:t=)?(-?\d+) jiffies(?:,\s*g=(-?\d+))?(?:,\s*c=-?\d+)?(?:,\s*q=(-?\d+))?(?: ncpus=(\d+))?\)";
    // The next line began before its end, or it breaks off.
    SUMMARY_TORN = r"(\((?:detected by (-?\d+), )?t=(-?\d+) jiffies,? g=(-?\d+),?(?: c=-?\d+,?)? q=-?\d*)(?:\[\s*\d+\.\d{6}\]|\z)";
    BLOCKED_TASK = r"\s*P(\d+)(?:/(-?\d+):([.b][.q][.e][.l]?))?";
    LIST_ITEM = r"\s*(?:P(\d+)|(\d{1,5})(?:-([O.][o.][N.][D.]?)[.]?)?)(?:\s|\z|\})";
    EXPEDITED = r"\s*(-?\d+) jiffies(?: s: (-?\d+))?(?: root: 0x[0-9a-f]+/[.T])?";
    // Whole, and yet a mailer may have wrapped them there.
    EXPEDITED_CUT = r"INFO: rcu_\w+ detected expedited stalls on CPUs(?:/tasks)?:(?: \{[^}]*(?:\}(?: \d+(?: jiffies(?: s:(?: \d+(?: root:)?)?)?)?)?)?)?\z";
    STARVED_CUT = r"(?:\S+ )?kthread starved for -?\d+ jiffies![^>]*\z";
    BLOCKED_CUT = r"Tasks blocked on level-\d+ rcu_node \(CPUs \d+-\d+\):\z";
    ENDED = r"INFO: (?:Expedited s|S)tall ended (?:before state dump start|during stack backtracing)\.?";
}

patterns! {
    set OTHER;
    BLOCKED = r"Tasks blocked on level-\d+ rcu_node \(CPUs \d+-\d+\):";
    STARVED = r"(?:\S+ )?kthread starved for (-?\d+) jiffies!(?: g-?\d+)?(?: c-?\d+)?(?: f0x[0-9a-f]+)?(?: \S+?\(\d+\))?(?: ->state=(\S+))?(?: ->cpu=(-?\d+))?";
    TIMER = r"(?:\S+ )?kthread timer wakeup didn't happen for (-?\d+) jiffies!(?: g-?\d+ f0x[0-9a-f]+ \S+?\(\d+\) ->state=(\S+))?";
    TIMER_CPU = r"Possible timer handling issue on cpu=(\d+) timer-softirq=(\d+)";
    ALL_SEEN = r"All QSes seen, last \S+ kthread activity (-?\d+) \(-?\d+-+\d+\), jiffies_till_next_fqs=";
    OFFLINE = r"Offline CPU (\d+) blocking current GP\.?";
    KTHREAD_OFFLINE = r"RCU GP kthread last ran on offline CPU (\d+)\.?";
    TABLE = r"hardirqs\s+softirqs\s+csw/system";
    COUNTS = r"number:\s+(\d+)\s+(\d+)\s+(\d+)";
    TIMES = r"cputime:\s+(\d+)\s+(\d+)\s+(\d+)\s+==>\s*(\d+)\s*\(ms\)";
    HOLDOUT = r"(?:[0-9a-f]{8,16}|\(_+ptrval_+\)|P(\d+)): (?:[.I][.N] nvcsw: |[.I][.i]\S* nesting: |[.I]?[.i]\z)";
    CPU_STACK = r"(?:NMI backtrace for cpu (\d+)|Task dump for CPU (\d+):|(?:\*\s*)?CPU(?:#?(\d+): stack|\[\s*(\d+)\]: TSTATE))";
    CPU_SKIPPED = r"NMI backtrace for cpu (\d+) skipped: idling";
    ON = r"CPU: (\d+) (?:UID: \d+ )?PID: (\d+) Comm: (.*?) (?:Not tainted|Tainted|Kdump|E?\d)";
    ON_OLD = r"Pid: (\d+), comm: (.{1,16}?) (?:Not tainted|Tainted|xid|\()";
    TASK = r"task:(\S.{0,20}?)\s+state:(\S)\s.*?\bpid:\s*(\d+)";
    TASK_OLD = r"(\S.{0,15}?)\s+([RSDTtXZPI])\s*(?:running task|running|[0-9a-f]{8,16}|\(null\))?\s*\d+\s+(\d+)\s+\d+ 0x[0-9a-f]{8}";
    WORK = r"Workqueue: \S+ (\S+)";
    DETAIL = r"(?:Unless \S+ kthread gets sufficient CPU|blocking rcu_node structures|[Ss]ending NMI|Hardware name:|Modules linked in:)";
    TRACE = r"(?:Call [Tt]race:|Backtrace:)(?:[\s<\[]|\z)";
    FOREIGN = r"(?:-+\[ cut here \]-+|WARNING: (?:inconsistent|possible|suspicious|bad|held) |Kernel panic - not syncing|Internal error: |Oops: |BUG: (?:unable to handle|kernel ))";
    KTHREAD_STACK = r"RCU grace-period kthread stack dump";
    KTHREAD_CPU_STACK = r"Stack dump where RCU GP kthread last ran";
}

/// Which companion each pattern of [`COMPANION_SET`] is.
pub(super) const COMPANIONS: [(Companion, &str); 13] = [
    (
        Companion::SoftLockup,
        r"BUG: soft lockup - CPU#\d+ stuck for ",
    ),
    (
        Companion::HardLockup,
        r"(?i:watchdog detected hard lockup on cpu)|Hard LOCKUP",
    ),
    (
        Companion::HungTask,
        r"\AINFO: task .+ blocked (?:in I/O wait )?for more than \d+ seconds|\AINFO: task .+ is blocked on ",
    ),
    (
        Companion::WorkqueueLockup,
        r"\ABUG: workqueue lockup - pool",
    ),
    (
        Companion::Csd,
        r"\A\s*(?:smp: )?csd: .*(?:non-responsive CSD lock|CSD lock \(#\d+\))",
    ),
    (
        Companion::RtThrottling,
        r"sched: (?:RT|DL) (?:throttling activated|replenish lagged too much)",
    ),
    (
        Companion::Clocksource,
        r"(?i)clocksource.*(?:watchdog on CPU\d+: Marking|unstable|read-back delay|skewed)|Marking TSC unstable|sched_clock on CPU \d+ went backward",
    ),
    (Companion::Oom, r"\AOut of memory: |invoked oom-killer"),
    (Companion::Hrtimer, r"hrtimer: interrupt took \d+ ns"),
    (Companion::Dropped, r"\*\* \d+ printk messages dropped"),
    (Companion::Kick, r"Kicking rcu_\w+ grace-period kthread"),
    (
        Companion::TasksWait,
        r"\A(?:rcu_tasks_wait_gp|tasks_rcu_exit\w*): rcu_tasks\w* grace period number",
    ),
    (
        Companion::GpStart,
        r"WARNING: .*\brcu_check_gp_start_stall\b",
    ),
];

pub(super) static COMPANION_SET: LazyLock<RegexSet> =
    LazyLock::new(|| set(&COMPANIONS.map(|(_, pattern)| pattern)));

/// Words of which a line has at least one, if it means anything while no report is open.
///
/// They are searched for in every byte of a log: few, and rare in what else is logged.
pub const ANCHORS: &[&str] = &[
    // Headers.
    "INFO: rcu_",
    "tected stall",
    "tected expedited",
    "tected CPU",
    "tall on CPU (",
    // Companions.
    "lockup - ",
    "LOCKUP",
    "hard lockup",
    "ed for more than",
    "is blocked on",
    "CSD lock",
    "throttling activated",
    "gged too much",
    "Marking TSC",
    "Marking clocksource",
    "k-back delay",
    "clocksource: ",
    "went backward",
    "Out of memory: ",
    "oom-killer",
    "interrupt took",
    "printk messages",
    "Kicking rcu",
    "_wait_gp: ",
    "gp_start_stall",
    // A boot.
    "Linux version ",
    "BogoMIPS (lpj",
];

/// What a mailer leaves of a header's line, if it wraps before the header's own words. It is searched
/// for with the line's end, since the words alone are in many a line.
pub const LEFT_OF_HEADER: [&str; 3] = ["rcu:", "rcu: INFO:", "INFO:"];
