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
    let cpu = lines.iter().find_map(|line| stalled_cpu(line));
    let cpu = cpu.map_or("a CPU".to_owned(), |cpu| format!("CPU {cpu}"));
    if saying(Said::SelfDetected).is_some() {
        return Some(format!(
            "{cpu} still takes its timer tick, which noticed that nothing else is scheduled \
             there: preemption or softirqs are off too long."
        ));
    }
    saying(Said::Detected)?;
    if lines
        .iter()
        .any(|line| line.contains(" __hrtimer_run_queues+"))
    {
        return Some(format!(
            "{cpu} is inside its timer interrupt, which does not end, so another CPU had to \
             notice: the timer that it runs is due again each time it has run."
        ));
    }
    Some(format!(
        "{cpu} takes no interrupt, so another CPU had to notice: its interrupts are off, or it is \
         in an interrupt that does not end."
    ))
}

/// The CPU of a line such as `rcu: \t1-...0: (1 GPs behind) idle=...`.
fn stalled_cpu(line: &str) -> Option<u32> {
    let (cpu, flags) = console::text(line)
        .strip_prefix("rcu: \t")?
        .split_once('-')?;
    let is_cpu_line = flags.get(4..7)? == ": (";
    is_cpu_line.then(|| cpu.parse().ok()).flatten()
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
    fn a_cpu_line_names_its_cpu() {
        assert_eq!(
            stalled_cpu("[ 5.0] rcu: \t1-...0: (1 GPs behind) idle=a"),
            Some(1)
        );
        assert_eq!(
            stalled_cpu("rcu: \t12-....: (5 ticks this GP) idle=a"),
            Some(12)
        );
        assert_eq!(
            stalled_cpu("rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1): P9"),
            None
        );
        assert_eq!(
            stalled_cpu("rcu: \t(detected by 0, t=1 jiffies, g=1, q=1 ncpus=2)"),
            None
        );
    }
}
