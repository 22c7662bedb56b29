// SPDX-License-Identifier: GPL-2.0

//! What the stall detector said, told in plain words.

use stalls::fact::{self, Fact};

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

/// How a sentence begins on tasks alone.
const NO_CPU: &str = "No CPU is to blame:";

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
        // Who asks the CPUs is this kthread: their lines say little then.
        let tasks = Report::first(lines).blocked_tasks();
        return Some(match tasks {
            Some(tasks) => format!("{NO_CPU} {tasks} And {kthread}"),
            None => kthread,
        });
    }
    if saying(Said::SelfDetected).is_none() && saying(Said::Detected).is_none() {
        return expedited(saying(Said::Expedited)?);
    }
    let told = Report::first(lines).culprits(lines);
    if told.is_empty() {
        let words = "A grace period cannot end, and the kernel does not say which CPU or task it \
                     waits for.";
        return Some(words.to_owned());
    }
    Some(told.join(" "))
}

/// What the first line of a report of an expedited grace period means: `... { 1-...D P12 } 26 ...`.
fn expedited(line: &str) -> Option<String> {
    let (_, rest) = fact::read(console::text(line))?;
    let (
        Fact::List {
            cpus,
            tasks,
            answered,
            ..
        },
        _,
    ) = fact::list(rest)?
    else {
        return None;
    };
    let cpus = cpus.iter().map(|cpu| format!("CPU {cpu}"));
    let tasks = tasks.iter().map(|pid| format!("task {pid}"));
    let whom: Vec<String> = cpus.chain(tasks).collect();
    // It is told of the first CPU.
    let taken = match answered {
        Some(true) if whom.len() == 1 => ", which has taken the interrupt that asks it",
        Some(false) if whom.len() == 1 => ", which has not even taken the interrupt that asks it",
        _ => "",
    };
    Some(format!(
        "An expedited grace period cannot end: it waits for {}{taken}.",
        whom.join(", ")
    ))
}

/// Whom a report of a normal grace period names.
#[derive(Default)]
struct Report {
    cpus: Vec<fact::Cpu>,
    tasks: Vec<u32>,
    /// How old the grace period is, in jiffies.
    age: u64,
}

impl Report {
    /// Reads the first one, down to the line that ends its head.
    fn first(lines: &[String]) -> Self {
        let mut report = Self::default();
        let begins =
            |line: &String| matches!(Said::of(line), Some(Said::SelfDetected | Said::Detected));
        let Some(from) = lines.iter().position(begins) else {
            return report;
        };
        let rest = lines[from..].iter();
        for (fact, _) in rest.filter_map(|line| fact::read(console::text(line))) {
            match fact {
                Fact::Cpu(cpu) => report.cpus.push(cpu),
                Fact::Blocked(tasks) => report.tasks.extend(tasks.iter().map(|task| task.pid)),
                Fact::Summary(summary) => {
                    let elapsed = summary.elapsed.unwrap_or(0);
                    report.age = u64::try_from(elapsed).unwrap_or(0);
                    break;
                }
                _ => {}
            }
        }
        report
    }

    /// A sentence for each CPU, and one for the tasks.
    fn culprits(&self, lines: &[String]) -> Vec<String> {
        let alone = self.cpus.len() == 1;
        let mut told: Vec<String> = self
            .cpus
            .iter()
            .map(|cpu| {
                let stack = if alone {
                    lines
                } else {
                    stack_of(cpu.cpu, lines)
                };
                cpu_words(cpu, self.age, stack)
            })
            .collect();
        if let Some(tasks) = self.blocked_tasks() {
            let blame = if told.is_empty() { NO_CPU } else { "And" };
            told.push(format!("{blame} {tasks}"));
        }
        told
    }

    /// A sentence for the tasks, less its begin.
    fn blocked_tasks(&self) -> Option<String> {
        let (whose, verb) = match self.tasks.len() {
            0 => return None,
            1 => ("task", "was"),
            _ => ("tasks", "were"),
        };
        let pids: Vec<String> = self.tasks.iter().map(u32::to_string).collect();
        Some(format!(
            "{whose} {} {verb} preempted inside an RCU read-side critical section, and the grace \
             period cannot end before it is left.",
            pids.join(", ")
        ))
    }
}

/// The lines that the NMI of CPU `number` printed.
fn stack_of(number: u32, lines: &[String]) -> &[String] {
    let begins = |line: &String| match fact::read(console::text(line)) {
        Some((Fact::CpuStack(cpu), _)) => Some(cpu),
        _ => None,
    };
    let Some(from) = lines.iter().position(|line| begins(line) == Some(number)) else {
        return &[];
    };
    let rest = &lines[from + 1..];
    let length = rest.iter().position(|line| begins(line).is_some());
    &rest[..length.unwrap_or(rest.len())]
}

/// What a CPU's line means, in a report of a grace period of this age, with this stack.
fn cpu_words(cpu: &fact::Cpu, age: u64, stack: &[String]) -> String {
    let number = cpu.cpu;
    let in_timer = || {
        stack
            .iter()
            .any(|line| line.contains(" __hrtimer_run_queues+"))
    };
    if cpu.irq_work() != Some('.') && in_timer() {
        format!(
            "CPU {number} is inside its timer interrupt, which does not end: the timer that it \
             runs is due again each time it has run."
        )
    } else if cpu.irq_work() != Some('.') {
        format!(
            "CPU {number} takes no interrupt, so another one had to notice: its interrupts are \
             off, or it is in an interrupt that does not end."
        )
    } else if cpu.lost_its_tick(age) {
        format!(
            "CPU {number} takes its interrupts, and its tick is not among them: {} since the grace \
             period began.",
            cpu.value
        )
    } else if cpu.rcuc.is_some() {
        format!(
            "CPU {number} takes its interrupts, and RCU's kthread of that CPU, rcuc/{number}, does \
             not run: preemption is off, or a thread of higher priority has the CPU."
        )
    } else {
        format!(
            "CPU {number} takes its interrupts and schedules nothing: preemption or softirqs have \
             been off too long."
        )
    }
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

    /// As `rculab explain` has it, whose rule this is.
    #[test]
    fn a_tick_that_is_late_is_not_lost() {
        let report = |ticks: u32, age: u32| {
            meaning(&lines(&format!(
                "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
                 rcu: \t1-....: ({ticks} ticks this GP) idle=2604/1/0x4000000000000000 softirq=376/376 fqs=734\n\
                 rcu: \t(detected by 0, t={age} jiffies, g=145, q=206 ncpus=2)\n"
            )))
            .expect("a report")
        };
        for (ticks, age, lost) in [(60, 3002, true), (200, 3002, false), (8, 752, true)] {
            let said = report(ticks, age);
            assert_eq!(said.contains("its tick is not among them"), lost, "{said}");
        }
    }

    /// From runs of the lab kernel, 7.2.12; `rt_hog` of rt, and `both` and what follows it, of 7.3.4.
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
        let both = "\
[   23.318112] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
[   23.319797] rcu: \t2-...0: (12 ticks this GP) idle=41cc/1/0x4000000000000000 softirq=227/227 fqs=742
[   23.328691] rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-3): P122
[   23.332023] rcu: \t(detected by 0, t=3014 jiffies, g=929, q=132 ncpus=4)
[   23.334439] Sending NMI from CPU 0 to CPUs 2:
[   23.335835] NMI backtrace for cpu 2
[   23.345284]  kthread+0xe7/0x110
[   23.390425] task:stall_victim    state:R  running task     stack:0     pid:122   tgid:122   ppid:2      task_flags:0x4208040 flags:0x00080000
[   23.396266]  ? __schedule+0x509/0x720
";
        let expedited = "\
[  150.062274] rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-...D } 3036 jiffies s: 193 root: 0x2/.
";
        let rt_hog = "\
[  154.942104] rcu: INFO: rcu_preempt self-detected stall on CPU
[  154.944210] rcu: \t1-....: (3085 ticks this GP) idle=9b3c/1/0x4000000000000000 softirq=0/0 fqs=748 rcuc=3106 jiffies(starved)
[  154.975320] rcu: \t(t=3005 jiffies g=11169 q=154 ncpus=2)
";
        // A reader on a machine with so much else to do that a timer came late as well.
        let late = "\
[    7.764213] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
[    7.778259] rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1): P64
[    7.860992] rcu: \t(detected by 0, t=3014 jiffies, g=-879, q=35 ncpus=2)
[    9.422790] rcu: rcu_preempt kthread timer wakeup didn't happen for 2623 jiffies! g-879 f0x0 RCU_GP_WAIT_FQS(5) ->state=I
[    9.423265] rcu: rcu_preempt kthread starved for 2626 jiffies! g-879 f0x0 RCU_GP_WAIT_FQS(5) ->state=I ->cpu=0
";
        let all_seen = "\
[  160.932360] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
[  160.934026] rcu: \t(detected by 0, t=3002 jiffies, g=13669, q=184 ncpus=2)
[  160.935657] rcu: All QSes seen, last rcu_preempt kthread activity 3002 (4294826331-4294823329), jiffies_till_next_fqs=3, root ->qsmask 0x0
[  160.938302] rcu: rcu_preempt kthread timer wakeup didn't happen for 2999 jiffies! g13669 f0x2 RCU_GP_WAIT_FQS(5) ->state=I
";
        let of = [
            reader,
            preempt_off,
            irqs_off,
            storm,
            tick_off,
            both,
            expedited,
            rt_hog,
            late,
            all_seen,
        ];
        let told: Vec<String> = of.iter().filter_map(|text| meaning(&lines(text))).collect();
        insta::assert_snapshot!(told.join("\n"));
    }
}
