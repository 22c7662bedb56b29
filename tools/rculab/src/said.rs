// SPDX-License-Identifier: GPL-2.0

//! What the stall detector said, told in plain words.

use crate::console;

/// A line of a stall report that tells what kind of stall it is. The names are those that the
/// module's catalogue and reports use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    SelfDetected,
    Detected,
    Expedited,
    TasksBlocked,
    KthreadStarved,
}

impl Said {
    const ALL: [(Said, &'static str, &'static str); 5] = [
        (
            Said::SelfDetected,
            "self-detected",
            " self-detected stall on CPU",
        ),
        (
            Said::Detected,
            "detected",
            " detected stalls on CPUs/tasks:",
        ),
        (
            Said::Expedited,
            "expedited",
            " detected expedited stalls on CPUs/tasks:",
        ),
        (
            Said::TasksBlocked,
            "tasks-blocked",
            "Tasks blocked on level-",
        ),
        (
            Said::KthreadStarved,
            "kthread-starved",
            " kthread starved for ",
        ),
    ];

    pub fn of(line: &str) -> Option<Self> {
        let line = console::text(line).strip_prefix("rcu: ")?;
        Self::ALL
            .iter()
            .find(|(_, _, text)| line.contains(text))
            .map(|(said, ..)| *said)
    }

    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// One line for a person on what the first report among these lines means.
pub fn meaning(lines: &[String]) -> Option<String> {
    let saying = |wanted| lines.iter().find(|line| Said::of(line) == Some(wanted));
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

/// What a line such as `rcu: \t1-...0: (1 GPs behind) idle=...` says of a CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cpu {
    number: u32,
    /// It ran what RCU had its interrupts do: the fourth sign is a dot.
    interrupted: bool,
}

impl Cpu {
    fn of(line: &str) -> Option<Self> {
        let (number, signs) = console::text(line)
            .strip_prefix("rcu: \t")?
            .split_once('-')?;
        let number = number.parse().ok()?;
        let interrupted = signs.get(3..4)? == ".";
        (signs.get(4..7)? == ": (").then_some(Self {
            number,
            interrupted,
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
        for (said, name, text) in Said::ALL {
            assert_eq!(said.name(), name);
            assert_eq!(
                Said::of(&format!("[    5.000000] rcu: INFO: x{text}")),
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
        let told: Vec<String> = [reader, preempt_off, irqs_off, storm]
            .iter()
            .filter_map(|text| meaning(&lines(text)))
            .collect();
        insta::assert_snapshot!(told.join("\n"));
    }
}
