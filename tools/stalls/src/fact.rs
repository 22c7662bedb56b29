// SPDX-License-Identifier: GPL-2.0

//! What the kernel prints about a stall, one line at a time.
//!
//! Each pattern is the reading of one format string, of whatever age; a newer kernel's extra
//! field is optional. The formats are those of `kernel/rcu/tree_stall.h`, `tree_exp.h`,
//! `tasks.h` and of their ancestors `kernel/rcutree.c`, `rcutree_plugin.h` and `rcutiny.c`.

use std::sync::LazyLock;

use regex::bytes::{RegexSet, RegexSetBuilder};
use regex::{Captures, Regex};

use crate::model::Kind;

/// The line that begins a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// How it was reported.
    pub kind: Kind,
    /// The flavour, as printed.
    pub flavor: String,
    /// A list in braces follows.
    pub list: bool,
    /// The CPU, where the header itself names it.
    pub cpu: Option<u32>,
    /// The elapsed time, where the header itself gives it.
    pub elapsed: Option<i64>,
    /// Ticks, where the header itself gives them (Tiny RCU).
    pub ticks: Option<u64>,
    /// Callbacks queued, where the header itself gives them (Tiny RCU).
    pub callbacks: Option<u64>,
    /// The report is suppressed, since a cross-call is stuck.
    pub suppressed: bool,
}

/// One CPU's line.
#[derive(Clone, Debug, PartialEq)]
pub struct Cpu {
    /// Its number.
    pub cpu: u32,
    /// Three characters before 4.16, then four.
    pub flags: String,
    /// The number in parentheses.
    pub value: u64,
    /// It counts grace periods, not ticks.
    pub behind: bool,
    /// Nesting of the base context; zero is idle or user mode.
    pub nesting: Option<i128>,
    /// Nesting of interrupts.
    pub nmi_nesting: Option<i128>,
    /// RCU softirqs at the grace period's start, and now.
    pub softirq: Option<(u64, u64)>,
    /// Scans by the grace-period kthread.
    pub fqs: Option<i64>,
    /// How long this CPU's rcuc kthread did not run.
    pub rcuc: Option<i64>,
    /// The kernel itself doubts.
    pub false_positive: bool,
}

impl Cpu {
    /// The fourth flag, which says whether irq work ran: a digit, `.` or `!`.
    #[must_use]
    pub fn irq_work(&self) -> Option<char> {
        self.flags
            .chars()
            .nth(3)
            .filter(|flag| flag.is_ascii_digit() || matches!(flag, '.' | '!'))
    }

    /// It is idle, or runs user code: no reader of its base context can be there.
    #[must_use]
    pub fn idle(&self) -> bool {
        self.nesting == Some(0)
    }

    /// It was offline.
    #[must_use]
    pub fn offline(&self) -> bool {
        self.flags.starts_with('O')
    }
}

/// A task that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Its PID.
    pub pid: u32,
    /// It was looked at, hence did not run: reader nesting and flags.
    pub off_cpu: Option<(i64, String)>,
}

/// The line that ends a report's head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The reporter.
    pub detected_by: Option<i64>,
    /// Jiffies since the grace period began.
    pub elapsed: Option<i64>,
    /// The grace period.
    pub gp_seq: Option<i64>,
    /// Callbacks queued on all CPUs.
    pub callbacks: Option<u64>,
    /// CPUs online.
    pub ncpus: Option<u32>,
}

/// The end of an expedited report's list.
#[derive(Clone, Debug, PartialEq)]
pub struct Expedited {
    /// Jiffies since it began.
    pub elapsed: i64,
    /// Its number.
    pub seq: Option<i64>,
}

/// What other watchdogs say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Companion {
    /// A CPU did not schedule.
    SoftLockup,
    /// A CPU took no interrupt.
    HardLockup,
    /// A task slept too long.
    HungTask,
    /// A workqueue made no progress.
    WorkqueueLockup,
    /// A cross-call is stuck.
    Csd,
    /// Real-time tasks took their whole share.
    RtThrottling,
    /// A clock went wrong.
    Clocksource,
    /// Memory ran out.
    Oom,
    /// An hrtimer callback took long.
    Hrtimer,
    /// printk lost lines.
    Dropped,
    /// The grace-period kthread was kicked.
    Kick,
    /// A grace period of Tasks RCU takes long.
    TasksWait,
    /// A grace period does not start.
    GpStart,
}

/// What one line says.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// A report begins.
    Header(Header),
    /// A CPU is waited for.
    Cpu(Cpu),
    /// Tasks are waited for.
    Blocked(Vec<Blocked>),
    /// CPUs and tasks in braces; closed or to be continued.
    List {
        /// CPUs.
        cpus: Vec<u32>,
        /// Tasks.
        tasks: Vec<u32>,
        /// The brace is closed.
        closed: bool,
    },
    /// The head ends.
    Summary(Summary),
    /// The head of an expedited report ends.
    Expedited(Expedited),
    /// The grace-period kthread does not run: for how long, and on which CPU.
    Starved {
        /// Jiffies.
        jiffies: i64,
        /// Where it ran last.
        cpu: Option<i64>,
        /// Its state, as printed.
        state: String,
    },
    /// Its timer did not fire.
    TimerWakeup {
        /// Jiffies.
        jiffies: i64,
    },
    /// Where that timer was queued.
    TimerCpu {
        /// The CPU.
        cpu: u32,
        /// Its count of timer softirqs.
        softirqs: u64,
    },
    /// Nobody is waited for: jiffies since the grace-period kthread ran.
    AllSeen {
        /// Jiffies.
        idle: i64,
    },
    /// It was over while it was reported.
    Ended,
    /// An offline CPU is waited for.
    OfflineCpu(u32),
    /// The grace-period kthread ran last on an offline CPU.
    KthreadOffline(u32),
    /// The CPU time table's counts.
    Counts([u64; 3]),
    /// The CPU time table's times in ms, and the period.
    Times([u64; 4]),
    /// The holdout of a Tasks RCU report.
    Holdout,
    /// The stack of the grace-period kthread follows.
    KthreadStack,
    /// The stack of the CPU it ran on last follows.
    KthreadCpuStack,
    /// A CPU's stack follows.
    CpuStack(u32),
    /// A CPU's stack is left out, since it is idle.
    CpuIdle(u32),
    /// Which CPU and task a stack belongs to.
    On {
        /// The CPU, where it is said.
        cpu: Option<u32>,
        /// The task.
        pid: u32,
        /// Its name.
        comm: String,
    },
    /// A task's stack follows.
    Task {
        /// Its name.
        comm: String,
        /// Its state.
        state: char,
        /// Its PID.
        pid: Option<u32>,
    },
    /// Which work a kworker runs.
    Work(String),
    /// Anything else that belongs to a report.
    Detail,
    /// Another watchdog's word.
    Companion(Companion),
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}

macro_rules! patterns {
    ($($name:ident = $pattern:expr;)*) => {
        $(static $name: LazyLock<Regex> = LazyLock::new(|| regex(concat!(r"\A(?:", $pattern, ")")));)*
    };
    // With a set that says in one pass whether any matches: most lines match none.
    (set $set:ident; $($name:ident = $pattern:expr;)*) => {
        patterns! { $($name = $pattern;)* }
        static $set: LazyLock<RegexSet> =
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
    PREFIX = r"rcu\s*:\s*";
    HEADER_SELF = r"INFO: (rcu_\w+) self-detected stall on CPU(\s*\{)?";
    HEADER_ONE = r"INFO: (rcu_\w+) detected stall on CPU (\d+) \(t=(-?\d+) jiffies\)";
    HEADER_ONE_CUT = r"(?:.* )?INFO: rcu_\w+ detected stall on CPU \d+\z";
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
    SUMMARY_OTHER = r"\(detected by (-?\d+), (?:t=)?(-?\d+) jiffies(?:, g=(-?\d+))?(?:, c=-?\d+)?(?:, q=(-?\d+))?(?: ncpus=(\d+))?\)";
    BLOCKED_TASK = r"\s*P(\d+)(?:/(-?\d+):([.b][.q][.e][.l]?))?";
    LIST_ITEM = r"\s*(?:P(\d+)|(\d{1,5})(?:-([O.][o.][N.][D.]?)[.]?)?)(?:\s|\z|\})";
    EXPEDITED = r"\s*(-?\d+) jiffies(?: s: (-?\d+))?(?: root: 0x[0-9a-f]+/[.T])?";
    ENDED = r"INFO: (?:Expedited s|S)tall ended (?:before state dump start|during stack backtracing)\.?";
}

patterns! {
    set OTHER;
    BLOCKED = r"Tasks blocked on level-\d+ rcu_node \(CPUs \d+-\d+\):";
    STARVED = r"(?:\S+ )?kthread starved for (-?\d+) jiffies!(?: g-?\d+)?(?: c-?\d+)?(?: f0x[0-9a-f]+)?(?: \S+?\(\d+\))?(?: ->state=(\S+))?(?: ->cpu=(-?\d+))?";
    TIMER = r"(?:\S+ )?kthread timer wakeup didn't happen for (-?\d+) jiffies!";
    TIMER_CPU = r"Possible timer handling issue on cpu=(\d+) timer-softirq=(\d+)";
    ALL_SEEN = r"All QSes seen, last \S+ kthread activity (-?\d+) \(-?\d+-+\d+\), jiffies_till_next_fqs=";
    OFFLINE = r"Offline CPU (\d+) blocking current GP\.?";
    KTHREAD_OFFLINE = r"RCU GP kthread last ran on offline CPU (\d+)\.?";
    TABLE = r"hardirqs\s+softirqs\s+csw/system";
    COUNTS = r"number:\s+(\d+)\s+(\d+)\s+(\d+)";
    TIMES = r"cputime:\s+(\d+)\s+(\d+)\s+(\d+)\s+==>\s*(\d+)\s*\(ms\)";
    HOLDOUT = r"(?:[0-9a-f]{8,16}|\(_+ptrval_+\)|P\d+): (?:[.I][.N] nvcsw: |[.I][.i]\S* nesting: |[.I][.i]\z)";
    CPU_STACK = r"(?:NMI backtrace for cpu (\d+)|Task dump for CPU (\d+):|CPU(?:#?(\d+): stack|\[\s*(\d+)\]: TSTATE))";
    CPU_SKIPPED = r"NMI backtrace for cpu (\d+) skipped: idling";
    ON = r"CPU: (\d+) (?:UID: \d+ )?PID: (\d+) Comm: (.*?) (?:Not tainted|Tainted|Kdump|E?\d)";
    ON_OLD = r"Pid: (\d+), comm: (.{1,16}?) (?:Not tainted|Tainted|xid|\()";
    TASK = r"task:(\S.{0,20}?)\s+state:(\S)\s.*?pid:\s*(\d+)";
    TASK_OLD = r"(\S.{0,15}?)\s+([RSDTtXZPI])\s*(?:running task|running|[0-9a-f]{8,16}|\(null\))?\s*\d+\s+(\d+)\s+\d+ 0x[0-9a-f]{8}";
    WORK = r"Workqueue: \S+ (\S+)";
    DETAIL = r"(?:Unless \S+ kthread gets sufficient CPU time|blocking rcu_node structures|[Ss]ending NMI|Call [Tt]race:|Backtrace:|Hardware name:|Modules linked in:)";
    KTHREAD_STACK = r"RCU grace-period kthread stack dump";
    KTHREAD_CPU_STACK = r"Stack dump where RCU GP kthread last ran";
}

/// Which companion each pattern of [`COMPANION_SET`] is.
const COMPANIONS: [(Companion, &str); 13] = [
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

static COMPANION_SET: LazyLock<RegexSet> =
    LazyLock::new(|| set(&COMPANIONS.map(|(_, pattern)| pattern)));

/// Words of which a line has at least one, if it means anything while no report is open.
///
/// They are searched for in every byte of a log: few, and rare in what else is logged.
pub const ANCHORS: &[&str] = &[
    // Headers.
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

fn number<T: std::str::FromStr>(found: &Captures<'_>, group: usize) -> Option<T> {
    found.get(group)?.as_str().parse().ok()
}

fn text(found: &Captures<'_>, group: usize) -> String {
    found.get(group).map_or("", |text| text.as_str()).to_owned()
}

fn end(found: &Captures<'_>) -> usize {
    found.get(0).map_or(0, |whole| whole.end())
}

/// Reads what `line` begins with, and gives what comes after it.
///
/// A line may hold several facts: an old kernel prints the head of a report on one line, and two
/// CPUs may print into one.
#[must_use]
pub fn read(line: &str) -> Option<(Fact, &str)> {
    let line = line.trim_start();
    let line = PREFIX
        .find(line)
        .map_or(line, |prefix| &line[prefix.end()..]);
    if frame(line) {
        return None;
    }
    let (fact, length) = match line.bytes().next()? {
        b'I' => info(line).or_else(|| companion(line))?,
        b'(' => summary(line).or_else(|| other(line))?,
        b'0'..=b'9' => cpu(line).or_else(|| other(line))?,
        _ => other(line)?,
    };
    Some((fact, line[length..].trim_start()))
}

/// Reads a header out of `line`.
#[must_use]
pub fn header(line: &str) -> Option<(Header, &str)> {
    match read(line)? {
        (Fact::Header(header), rest) => Some((header, rest)),
        _ => None,
    }
}

/// Whether a line is one of a stack, as most lines of a report are.
fn frame(line: &str) -> bool {
    let line = line.trim_start_matches("? ").as_bytes();
    let word = &line[..memchr::memchr(b' ', line).unwrap_or(line.len())];
    memchr::memmem::find(word, b"+0x").is_some()
}

fn info(line: &str) -> Option<(Fact, usize)> {
    let plain = |kind, found: &Captures<'_>| Header {
        kind,
        flavor: text(found, 1),
        list: false,
        cpu: None,
        elapsed: None,
        ticks: None,
        callbacks: None,
        suppressed: false,
    };
    if let Some(found) = HEADER_SELF.captures(line) {
        let header = Header {
            list: found.get(2).is_some(),
            ..plain(Kind::SelfDetected, &found)
        };
        return Some((Fact::Header(header), end(&found)));
    }
    if let Some(found) = HEADER_OTHER.captures(line) {
        let header = Header {
            list: found.get(2).is_some(),
            ..plain(Kind::Detected, &found)
        };
        return Some((Fact::Header(header), end(&found)));
    }
    if let Some(found) = HEADER_EXPEDITED.captures(line) {
        let header = Header {
            list: true,
            ..plain(Kind::Expedited, &found)
        };
        return Some((Fact::Header(header), end(&found)));
    }
    if let Some(found) = HEADER_TASKS.captures(line) {
        return Some((Fact::Header(plain(Kind::Tasks, &found)), end(&found)));
    }
    if let Some(found) = HEADER_CSD.captures(line) {
        let kind = if text(&found, 2) == "stall" {
            Kind::Detected
        } else {
            Kind::Expedited
        };
        let header = Header {
            suppressed: true,
            ..plain(kind, &found)
        };
        return Some((Fact::Header(header), end(&found)));
    }
    if let Some(found) = HEADER_ONE
        .captures(line)
        .or_else(|| HEADER_OLD_ONE.captures(line))
    {
        let header = Header {
            cpu: number(&found, 2),
            elapsed: number(&found, 3),
            ..plain(Kind::SelfDetected, &found)
        };
        return Some((Fact::Header(header), end(&found)));
    }
    if let Some(found) = HEADER_OLD_OTHER.captures(line) {
        let header = Header {
            list: true,
            ..plain(Kind::Detected, &found)
        };
        return Some((Fact::Header(header), end(&found)));
    }
    if let Some(found) = HEADER_TINY.captures(line) {
        let header = Header {
            // Tiny RCU knows one CPU only.
            cpu: Some(0),
            ticks: number(&found, 2),
            elapsed: number(&found, 3),
            callbacks: number(&found, 4),
            ..plain(Kind::SelfDetected, &found)
        };
        return Some((Fact::Header(header), end(&found)));
    }
    let found = ENDED.captures(line)?;
    Some((Fact::Ended, end(&found)))
}

fn summary(line: &str) -> Option<(Fact, usize)> {
    if let Some(found) = SUMMARY_SELF.captures(line) {
        let summary = Summary {
            detected_by: None,
            elapsed: number(&found, 1),
            gp_seq: number(&found, 2),
            callbacks: number(&found, 3),
            ncpus: number(&found, 4),
        };
        return Some((Fact::Summary(summary), end(&found)));
    }
    let found = SUMMARY_OTHER.captures(line)?;
    let summary = Summary {
        detected_by: number(&found, 1),
        elapsed: number(&found, 2),
        gp_seq: number(&found, 3),
        callbacks: number(&found, 4),
        ncpus: number(&found, 5),
    };
    Some((Fact::Summary(summary), end(&found)))
}

fn cpu(line: &str) -> Option<(Fact, usize)> {
    let found = CPU.captures(line)?;
    let mut cpu = Cpu {
        cpu: number(&found, 1)?,
        flags: text(&found, 2),
        value: number(&found, 3)?,
        behind: found
            .get(4)
            .is_some_and(|title| title.as_str() == "GPs behind"),
        nesting: None,
        nmi_nesting: None,
        softirq: None,
        fqs: None,
        rcuc: None,
        false_positive: false,
    };
    let mut at = end(&found);
    if let Some(found) = CPU_IDLE.captures(&line[at..]) {
        // Hexadecimal until 5.x, decimal since: what counts is whether it is zero.
        let hex = |group| {
            let text = found.get(group)?.as_str();
            i128::from_str_radix(text.trim_start_matches("0x"), 16).ok()
        };
        cpu.nesting = hex(2);
        cpu.nmi_nesting = hex(3);
        at += end(&found);
    }
    // The order of these changed over the years.
    loop {
        let rest = &line[at..];
        if let Some(found) = CPU_SOFTIRQ.captures(rest) {
            cpu.softirq = number(&found, 1).zip(number(&found, 2));
            at += end(&found);
        } else if let Some(found) = CPU_FQS.captures(rest) {
            cpu.fqs = number(&found, 1);
            at += end(&found);
        } else if let Some(found) = CPU_RCUC.captures(rest) {
            cpu.rcuc = number(&found, 1);
            at += end(&found);
        } else if let Some(found) = CPU_FALSE.find(rest) {
            cpu.false_positive = true;
            at += found.end();
        } else if let Some(found) = CPU_NO_HZ.find(rest) {
            at += found.end();
        } else {
            break;
        }
    }
    Some((Fact::Cpu(cpu), at))
}

/// Reads the inside of a list in braces, or a part of it.
///
/// Unlike [`read`] this needs to know that a list is open: ` 2 3}` means nothing elsewhere.
#[must_use]
pub fn list(line: &str) -> Option<(Fact, &str)> {
    let mut rest = line.trim_start();
    let (mut cpus, mut tasks) = (Vec::new(), Vec::new());
    while let Some(found) = LIST_ITEM.captures(rest) {
        tasks.extend(number::<u32>(&found, 1));
        cpus.extend(number::<u32>(&found, 2));
        let mut length = end(&found);
        if rest[..length].ends_with('}') {
            length -= 1;
        }
        rest = rest[length..].trim_start();
        if rest.starts_with('}') {
            break;
        }
    }
    let closed = rest.starts_with('}');
    if closed {
        rest = rest[1..].trim_start();
    } else if cpus.is_empty() && tasks.is_empty() {
        return None;
    }
    Some((
        Fact::List {
            cpus,
            tasks,
            closed,
        },
        rest,
    ))
}

/// Reads what follows an expedited report's list.
#[must_use]
pub fn expedited(line: &str) -> Option<(Fact, &str)> {
    let found = EXPEDITED.captures(line)?;
    let fact = Expedited {
        elapsed: number(&found, 1)?,
        seq: number(&found, 2),
    };
    Some((Fact::Expedited(fact), line[end(&found)..].trim_start()))
}

fn other(line: &str) -> Option<(Fact, usize)> {
    if !OTHER.is_match(line.as_bytes()) {
        return companion(line);
    }
    if let Some(found) = BLOCKED.find(line) {
        let mut at = found.end();
        let mut tasks = Vec::new();
        while let Some(found) = BLOCKED_TASK.captures(&line[at..]) {
            let flags = found.get(3).map(|flags| flags.as_str().to_owned());
            tasks.push(Blocked {
                pid: number(&found, 1)?,
                off_cpu: number(&found, 2).zip(flags),
            });
            at += end(&found);
        }
        return Some((Fact::Blocked(tasks), at));
    }
    if let Some(found) = STARVED.captures(line) {
        let fact = Fact::Starved {
            jiffies: number(&found, 1)?,
            state: text(&found, 2),
            cpu: number(&found, 3),
        };
        return Some((fact, end(&found)));
    }
    if let Some(found) = TIMER.captures(line) {
        return Some((
            Fact::TimerWakeup {
                jiffies: number(&found, 1)?,
            },
            line.len(),
        ));
    }
    if let Some(found) = TIMER_CPU.captures(line) {
        let fact = Fact::TimerCpu {
            cpu: number(&found, 1)?,
            softirqs: number(&found, 2)?,
        };
        return Some((fact, end(&found)));
    }
    if let Some(found) = ALL_SEEN.captures(line) {
        return Some((
            Fact::AllSeen {
                idle: number(&found, 1)?,
            },
            line.len(),
        ));
    }
    if let Some(found) = OFFLINE.captures(line) {
        return Some((Fact::OfflineCpu(number(&found, 1)?), end(&found)));
    }
    if let Some(found) = KTHREAD_OFFLINE.captures(line) {
        return Some((Fact::KthreadOffline(number(&found, 1)?), end(&found)));
    }
    if let Some(found) = COUNTS.captures(line) {
        let counts = [number(&found, 1)?, number(&found, 2)?, number(&found, 3)?];
        return Some((Fact::Counts(counts), end(&found)));
    }
    if let Some(found) = TIMES.captures(line) {
        let times = [
            number(&found, 1)?,
            number(&found, 2)?,
            number(&found, 3)?,
            number(&found, 4)?,
        ];
        return Some((Fact::Times(times), end(&found)));
    }
    if KTHREAD_STACK.is_match(line) {
        return Some((Fact::KthreadStack, line.len()));
    }
    if KTHREAD_CPU_STACK.is_match(line) {
        return Some((Fact::KthreadCpuStack, line.len()));
    }
    if let Some(found) = CPU_SKIPPED.captures(line) {
        return Some((Fact::CpuIdle(number(&found, 1)?), line.len()));
    }
    if let Some(found) = CPU_STACK.captures(line) {
        let cpu = number(&found, 1)
            .or(number(&found, 2))
            .or(number(&found, 3))
            .or(number(&found, 4))?;
        return Some((Fact::CpuStack(cpu), line.len()));
    }
    if let Some(found) = ON.captures(line) {
        let fact = Fact::On {
            cpu: number(&found, 1),
            pid: number(&found, 2)?,
            comm: text(&found, 3),
        };
        return Some((fact, line.len()));
    }
    if let Some(found) = ON_OLD.captures(line) {
        return Some((
            Fact::On {
                cpu: None,
                pid: number(&found, 1)?,
                comm: text(&found, 2),
            },
            line.len(),
        ));
    }
    if let Some(found) = TASK.captures(line).or_else(|| TASK_OLD.captures(line)) {
        let fact = Fact::Task {
            comm: text(&found, 1),
            state: text(&found, 2).chars().next()?,
            pid: number(&found, 3),
        };
        return Some((fact, line.len()));
    }
    if let Some(found) = WORK.captures(line) {
        return Some((Fact::Work(text(&found, 1)), line.len()));
    }
    if HOLDOUT.is_match(line) {
        return Some((Fact::Holdout, line.len()));
    }
    if TABLE.is_match(line) || DETAIL.is_match(line) {
        return Some((Fact::Detail, line.len()));
    }
    companion(line)
}

fn companion(line: &str) -> Option<(Fact, usize)> {
    let (what, _) = COMPANIONS[COMPANION_SET.matches(line.as_bytes()).iter().next()?];
    Some((Fact::Companion(what), line.len()))
}

/// Whether `rest`, which a header leaves over, is what a log may hold there.
///
/// Prose and source code go on after the header's words; a log's line ends, or goes on with
/// another fact.
#[must_use]
pub fn clean(rest: &str) -> bool {
    let rest = rest.trim_matches(|c: char| c.is_whitespace() || c == '`');
    rest.is_empty()
        || rest.starts_with("[/")
        || rest.starts_with("</")
        || rest.starts_with("<br")
        || rest == "="
        || rest == "=20"
}

/// What of `text` is left when all facts are taken off its beginning.
///
/// `in_list` says that a list in braces is open there.
#[must_use]
pub fn leftover(text: &str, mut in_list: bool) -> &str {
    let mut rest = text;
    while !rest.is_empty() {
        let found = if in_list { list(rest) } else { None };
        let Some((fact, after)) = found.or_else(|| read(rest)).or_else(|| expedited(rest)) else {
            break;
        };
        in_list = match fact {
            Fact::Header(header) => header.list,
            Fact::List { closed, .. } => !closed,
            _ => false,
        };
        rest = after;
    }
    rest
}

/// Whether `text` is a part of something that the next line may finish: a mailer's wrapped line.
#[must_use]
pub fn unfinished(text: &str) -> bool {
    let text = PREFIX
        .find(text)
        .map_or(text, |prefix| &text[prefix.end()..]);
    if frame(text) {
        return false;
    }
    let open = |text: &str| text.contains('(') && !text.contains(')');
    text.ends_with('=')
        || (text.starts_with("(t=") || text.starts_with("(detected by ")) && open(text)
        || CPU.is_match(text) && !text.contains("fqs=")
        || text.starts_with("cputime:") && !text.contains("==>")
        || text.contains(" kthread ") && text.contains(" jiffies! g") && !text.contains("->state")
        || inner_header(text).is_some_and(|at| {
            let header = &text[at..];
            open(header) && !header.ends_with('{') || cut_before_time(header)
        })
}

/// Whether `text` is a header of 2.6.36 to 3.2 without its time, which may look like another line.
#[must_use]
pub fn cut_before_time(text: &str) -> bool {
    HEADER_ONE_CUT.is_match(text)
}

/// Where a header stands inside a line.
#[must_use]
pub fn inner_header(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = memchr::memmem::find(&text.as_bytes()[from..], b"INFO: ") {
        let at = from + found;
        let header = &text[at + "INFO: ".len()..];
        if header.starts_with("rcu_") || header.starts_with("RCU detected") {
            return Some(at);
        }
        from = at + 1;
    }
    None
}
