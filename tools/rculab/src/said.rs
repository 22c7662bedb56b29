// SPDX-License-Identifier: GPL-2.0

//! What the stall detector said, told in plain words.

use crate::console;

/// A line that tells what kind of stall it is. The names are those that the module's catalogue and
/// reports use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    SelfDetected,
    Detected,
    Expedited,
    Tasks,
    Suppressed,
    TasksBlocked,
    KthreadStarved,
    TimerWakeup,
    AllSeen,
    Kicked,
    CsdLock,
}

/// How to know such a line: what it begins with, and what it has after that.
struct Pattern(Said, &'static str, &'static str, &'static str);

impl Said {
    #[rustfmt::skip]
    const ALL: [Pattern; 11] = [
        Pattern(Said::SelfDetected, "self-detected", "rcu: INFO: ", " self-detected stall on CPU"),
        Pattern(Said::Detected, "detected", "rcu: INFO: ", " detected stalls on CPUs/tasks:"),
        Pattern(Said::Expedited, "expedited", "rcu: INFO: ", " detected expedited stalls on CPUs/tasks:"),
        Pattern(Said::Tasks, "tasks", "INFO: rcu_tasks", " detected stalls on tasks:"),
        Pattern(Said::Suppressed, "suppressed", "rcu: INFO: ", "suppressed full report due to a stuck CSD-lock"),
        Pattern(Said::TasksBlocked, "tasks-blocked", "rcu: \tTasks blocked on level-", " rcu_node (CPUs "),
        Pattern(Said::KthreadStarved, "kthread-starved", "rcu: ", " kthread starved for "),
        Pattern(Said::TimerWakeup, "timer-wakeup", "rcu: ", " kthread timer wakeup didn't happen for "),
        Pattern(Said::AllSeen, "all-seen", "rcu: All QSes seen, last ", " kthread activity "),
        Pattern(Said::Kicked, "kicked", "Kicking rcu_", " grace-period kthread"),
        Pattern(Said::CsdLock, "csd-lock", "smp: csd: ", " non-responsive CSD lock "),
    ];

    pub fn of(line: &str) -> Option<Self> {
        let line = console::text(line);
        Self::ALL
            .iter()
            .find(|Pattern(_, _, begins, has)| {
                line.strip_prefix(begins)
                    .is_some_and(|rest| rest.contains(has))
            })
            .map(|Pattern(said, ..)| *said)
    }

    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// One line for a person on what the first report among these lines means.
pub fn meaning(lines: &[String]) -> Option<String> {
    let saying = |wanted| lines.iter().find(|line| Said::of(line) == Some(wanted));
    if let Some(line) = saying(Said::CsdLock) {
        return Some(csd_lock(line));
    }
    if saying(Said::Kicked).is_some() {
        return Some(
            "RCU's own kthread slept when it had work to do, and the kernel woke it.".to_owned(),
        );
    }
    if saying(Said::Tasks).is_some() {
        return Some(
            "A task does not give up its CPU by itself, for which Tasks RCU waits.".to_owned(),
        );
    }
    if let Some(kthread) = kthread(lines) {
        return Some(kthread);
    }
    if let Some(line) = saying(Said::TasksBlocked) {
        let task = line.rsplit_once(": P")?.1;
        let task: String = task.chars().take_while(char::is_ascii_digit).collect();
        return Some(format!(
            "No CPU is to blame: task {task} was preempted inside an RCU read-side critical \
             section that it does not leave, so the grace period cannot end."
        ));
    }
    let cpu = lines.iter().find_map(|line| Cpu::of(line));
    saying(Said::SelfDetected).or_else(|| saying(Said::Detected))?;
    let in_timer = || {
        lines
            .iter()
            .any(|line| line.contains(" __hrtimer_run_queues+"))
    };
    Some(match cpu {
        None => "A grace period cannot end, and the kernel does not say which CPU or task it \
                 waits for."
            .to_owned(),
        Some(Cpu {
            number,
            interrupted: true,
            ticks: Some(ticks),
        }) if ticks < age(lines) / 10 => format!(
            "CPU {number} takes its interrupts, and its tick is not among them: {ticks} since the \
             grace period began."
        ),
        Some(Cpu {
            number,
            interrupted: true,
            ..
        }) => format!(
            "CPU {number} takes its interrupts and schedules nothing: preemption or softirqs \
             have been off too long."
        ),
        Some(Cpu { number, .. }) if in_timer() => format!(
            "CPU {number} is inside its timer interrupt, which does not end: the timer that it \
             runs is due again each time it has run."
        ),
        Some(Cpu { number, .. }) => format!(
            "CPU {number} takes no interrupt, so another one had to notice: its interrupts are \
             off, or it is in an interrupt that does not end."
        ),
    })
}

/// How old the grace period is, in jiffies: `(detected by 0, t=3002 jiffies, ...`.
fn age(lines: &[String]) -> u64 {
    let jiffies = |line: &String| {
        let (_, age) = line.split_once("t=")?;
        age.split_once(" jiffies")?.0.parse().ok()
    };
    lines.iter().find_map(jiffies).unwrap_or(0)
}

/// What it means when no CPU and no task is named, or RCU's own kthread is.
fn kthread(lines: &[String]) -> Option<String> {
    let says = |wanted| lines.iter().any(|line| Said::of(line) == Some(wanted));
    let words = if says(Said::AllSeen) && says(Said::TimerWakeup) {
        "All CPUs have answered, and RCU's own kthread sleeps: nobody wakes it."
    } else if says(Said::AllSeen) {
        "All CPUs have answered, and RCU's own kthread, which is to end the grace period, gets \
         no CPU."
    } else if says(Said::TimerWakeup) {
        "RCU's own kthread sleeps until a timer that does not fire: the CPU of the timer serves \
         no softirqs or no interrupts."
    } else {
        return None;
    };
    Some(words.to_owned())
}

/// What a line about a call to another CPU means: `... on CPU#0, waiting 1 ns for CPU#01 f+0x0...`.
fn csd_lock(line: &str) -> String {
    let number = |sign: &str| {
        let digits = line.split_once(sign).map_or("", |(_, rest)| rest);
        let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0_u32)
    };
    format!(
        "CPU {} waits for CPU {} to answer an interrupt, which that one does not take.",
        number(" on CPU#"),
        number(" for CPU#")
    )
}

/// What a line such as `rcu: \t1-...0: (1 GPs behind) idle=...` says of a CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cpu {
    number: u32,
    /// It ran what RCU had its interrupts do: the fourth sign is a dot.
    interrupted: bool,
    /// Its ticks during this grace period, if it has noticed that.
    ticks: Option<u64>,
}

impl Cpu {
    fn of(line: &str) -> Option<Self> {
        let (number, signs) = console::text(line)
            .strip_prefix("rcu: \t")?
            .split_once('-')?;
        let number = number.parse().ok()?;
        let interrupted = signs.get(3..4)? == ".";
        let rest = signs.get(4..)?.strip_prefix(": (")?;
        let ticks = rest.split_once(" ticks this GP)");
        Some(Self {
            number,
            interrupted,
            ticks: ticks.and_then(|(ticks, _)| ticks.parse().ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn names_fit_the_order() {
        for Pattern(said, name, begins, has) in Said::ALL {
            assert_eq!(said.name(), name);
            assert_eq!(
                Said::of(&format!("[    5.000000] {begins}x{has}")),
                Some(said)
            );
        }
    }

    #[test]
    fn talk_about_stalls_is_no_stall() {
        assert_eq!(
            Said::of("stall_torture: detected stalls on CPUs/tasks:"),
            None
        );
        assert_eq!(
            meaning(&lines("rcu: Hierarchical RCU implementation.\n")),
            None
        );
    }

    #[test]
    fn a_cpu_line_is_read() {
        let of = |line| Cpu::of(line).map(|cpu| (cpu.number, cpu.interrupted));
        assert_eq!(
            of("[ 5.0] rcu: \t1-...0: (1 GPs behind) idle=a"),
            Some((1, false))
        );
        assert_eq!(
            of("rcu: \t12-....: (5 ticks this GP) idle=a"),
            Some((12, true))
        );
        assert_eq!(
            of("rcu: \t3-...!: (5 ticks this GP) idle=a"),
            Some((3, false))
        );
        assert_eq!(
            of("rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1): P9"),
            None
        );
        assert_eq!(
            of("rcu: \t(detected by 0, t=1 jiffies, g=1, q=1 ncpus=2)"),
            None
        );
    }

    /// From runs of the lab kernel, 7.2.12.
    #[test]
    fn meanings() {
        let reader = "\
[   45.802245] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
[   45.802969] rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1): P1583
[   45.803396] rcu: \t(detected by 1, t=3002 jiffies, g=24265, q=318 ncpus=2)
[   45.915596]  __hrtimer_run_queues+0x139/0x2f0
";
        let preempt_off = "\
[   51.267553] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
[   51.268208] rcu: \t1-....: (2233 ticks this GP) idle=4a64/1/0x4000000000000000 softirq=815/815 fqs=619
[   51.268418] rcu: \t         hardirqs   softirqs   csw/system
[   51.316015] rcu: \t(detected by 0, t=3051 jiffies, g=24461, q=283 ncpus=2)
";
        let irqs_off = "\
[   56.502387] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
[   56.512489] rcu: \t1-...0: (1 GPs behind) idle=4ce4/1/0x4000000000000000 softirq=826/827 fqs=591
[   56.520136] rcu: \t(detected by 0, t=3014 jiffies, g=24569, q=299 ncpus=2)
[   56.521257] NMI backtrace for cpu 1
";
        let storm = "\
[   61.708024] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
[   61.708732] rcu: \t1-...0: (1 GPs behind) idle=4ee4/1/0x4000000000000002 softirq=833/833 fqs=629
[   61.709689] rcu: \t(detected by 0, t=3002 jiffies, g=24649, q=303 ncpus=2)
[   61.710314] NMI backtrace for cpu 1
[   61.710686]  __hrtimer_run_queues+0x127/0x2f0
";
        let tick_off = "\
[   17.565314] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
[   17.565857] rcu: \t1-....: (8 ticks this GP) idle=2604/1/0x4000000000000000 softirq=376/376 fqs=734
[   17.568688] rcu: \t(detected by 0, t=3002 jiffies, g=145, q=206 ncpus=2)
";
        let told: Vec<String> = [reader, preempt_off, irqs_off, storm, tick_off]
            .iter()
            .filter_map(|text| meaning(&lines(text)))
            .collect();
        insta::assert_snapshot!(told.join("\n"));
    }
}
