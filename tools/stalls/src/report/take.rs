// SPDX-License-Identifier: GPL-2.0

//! What a report takes of each line.

use super::{About, Dump, MAX_CPUS, MAX_DUMPS, MAX_QUOTES, Owner, Report, cut};
use crate::fact::{Blocked, Companion, Cpu, Fact};
use crate::model::{Kind, Quote};
use crate::stack::{Stack, Verdict};

/// So many lines of other text between two frames of one stack are none of another report.
const GAP: u32 = 3;

impl Report {
    fn quote(&mut self, about: About, quote: Quote) {
        if self.quotes.len() < MAX_QUOTES {
            self.quotes.push((about, quote));
        }
    }

    fn wait_for_cpu(&mut self, cpu: u32) {
        if !self.cpus.contains(&cpu) && self.cpus.len() < MAX_CPUS {
            self.cpus.push(cpu);
        }
    }

    fn wait_for_task(&mut self, task: Blocked) {
        if !self.tasks.iter().any(|known| known.pid == task.pid) && self.tasks.len() < MAX_CPUS {
            self.tasks.push(task);
        }
    }

    /// Takes note of a line that may be its own.
    pub(crate) fn may_be(&mut self, cpu: &Cpu, quote: &Quote) {
        let known = self.maybe.iter().any(|(known, _)| known.cpu == cpu.cpu);
        if !known && self.maybe.len() < 2 {
            self.maybe.push((cpu.clone(), quote.clone()));
        }
    }

    pub(crate) fn dump(&mut self, owner: Owner) -> &mut Dump {
        if self.dumps.len() >= MAX_DUMPS {
            // The first stacks are those of what is waited for.
            self.dumps.pop();
        }
        self.gap = 0;
        self.dumps.push(Dump {
            owner,
            stack: Stack::default(),
            verdict: Verdict::default(),
            quotes: Vec::new(),
            skipped: false,
            comm: None,
            state: None,
            work: None,
        });
        let last = self.dumps.len() - 1;
        &mut self.dumps[last]
    }

    /// Takes a fact that is not a header.
    pub(crate) fn take(&mut self, fact: Fact, quote: Quote) {
        match fact {
            Fact::Header(_) | Fact::Companion(_) | Fact::Detail => {}
            Fact::Trace => match self.dumps.last_mut() {
                Some(dump) => dump.stack.announce(),
                None => self.trace = true,
            },
            Fact::Cpu(cpu) => {
                self.wait_for_cpu(cpu.cpu);
                self.quote(About::Cpu, quote);
                if self.cpu_lines.len() < MAX_CPUS {
                    self.cpu_lines.push(cpu);
                }
            }
            Fact::Blocked(tasks) => {
                self.quote(About::Blocked, quote);
                tasks.into_iter().for_each(|task| self.wait_for_task(task));
            }
            Fact::List {
                cpus,
                answered,
                tasks,
                closed,
            } => {
                if self.cpus.is_empty() {
                    self.answered = answered;
                }
                cpus.into_iter().for_each(|cpu| self.wait_for_cpu(cpu));
                for pid in tasks {
                    self.wait_for_task(Blocked { pid, off_cpu: None });
                }
                self.list_open = !closed;
            }
            Fact::Summary(summary) => {
                // One line alone was its own.
                if let ([(cpu, line)], true) = (&self.maybe[..], self.cpu_lines.is_empty()) {
                    let (cpu, line) = (cpu.clone(), line.clone());
                    self.take(Fact::Cpu(cpu), line);
                }
                self.list_open = false;
                self.quote(About::Summary, quote);
                self.broken |= summary.torn;
                self.summary = Some(summary);
            }
            Fact::Expedited(expedited) => self.expedited = Some(expedited),
            Fact::Starved {
                jiffies,
                cpu,
                state,
            } => {
                self.quote(About::Kthread, quote);
                self.starved = Some((jiffies, cpu, state));
            }
            Fact::TimerWakeup { jiffies, state } => {
                self.quote(About::Timer, quote);
                self.timer_state = state;
                self.timer = Some(jiffies);
            }
            Fact::TimerCpu { cpu, softirqs } => {
                self.quote(About::Timer, quote);
                self.timer_cpu = Some((cpu, softirqs));
            }
            Fact::AllSeen { idle } => {
                self.quote(About::AllSeen, quote);
                self.all_seen = Some(idle);
            }
            Fact::Ended => {
                self.quote(About::Ended, quote);
                self.ended = true;
            }
            Fact::OfflineCpu(cpu) | Fact::KthreadOffline(cpu) => {
                self.quote(About::Offline, quote);
                self.offline = Some(cpu);
            }
            Fact::Counts(counts) => {
                self.quote(About::Table, quote);
                self.counts.get_or_insert(counts);
            }
            Fact::Times(times) => {
                self.quote(About::Table, quote);
                self.times.get_or_insert(times);
            }
            Fact::Holdout(pid) => {
                self.quote(About::Holdout, quote);
                if let Some(pid) = pid {
                    self.wait_for_task(Blocked { pid, off_cpu: None });
                }
            }
            Fact::Foreign => {
                self.dump(Owner::Foreign);
            }
            Fact::KthreadStack => self.expect = Some(Owner::Kthread),
            Fact::KthreadCpuStack => self.expect = Some(Owner::KthreadCpu(None)),
            Fact::CpuStack(cpu) => self.cpu_stack(cpu),
            Fact::CpuIdle(cpu) => {
                self.quote(About::Idle, quote);
                self.cpu_stack(cpu);
                if let Some(dump) = self.dumps.last_mut() {
                    dump.skipped = true;
                }
            }
            Fact::On { cpu, comm, .. } => self.on(cpu, comm),
            Fact::Task { comm, state, pid } => self.task(comm, state, pid),
            Fact::Work(work) => {
                if let Some(dump) = self.dumps.last_mut() {
                    dump.work = Some(work);
                }
            }
        }
    }

    fn cpu_stack(&mut self, cpu: u32) {
        let owner = match self.expect.take() {
            Some(Owner::KthreadCpu(_)) if !self.cpus.contains(&cpu) => Owner::KthreadCpu(Some(cpu)),
            _ => Owner::Cpu(cpu),
        };
        self.dump(owner);
    }

    fn on(&mut self, cpu: Option<u32>, comm: String) {
        let continues = self.dumps.last().is_some_and(|dump| {
            dump.stack.frames.is_empty()
                && match dump.owner {
                    Owner::Cpu(known) | Owner::KthreadCpu(Some(known)) => {
                        cpu.is_none_or(|cpu| cpu == known)
                    }
                    Owner::Foreign => true,
                    _ => false,
                }
        });
        if !continues {
            match cpu {
                Some(cpu) => self.cpu_stack(cpu),
                None => {
                    self.dump(Owner::Unsaid);
                }
            }
        }
        if let Some(dump) = self.dumps.last_mut() {
            dump.comm = Some(comm);
        }
    }

    fn task(&mut self, comm: String, state: char, pid: Option<u32>) {
        // A hung task's line names the task again, and then comes its stack.
        let hung = self.dumps.last().is_some_and(|dump| {
            dump.owner == Owner::Foreign && dump.stack.frames.is_empty() && dump.comm.is_none()
        });
        if hung
            && self
                .companions
                .last()
                .is_some_and(|(what, _)| *what == Companion::HungTask)
        {
            return;
        }
        let of_cpu = self.dumps.last().is_some_and(|dump| {
            matches!(dump.owner, Owner::Cpu(_) | Owner::KthreadCpu(_))
                && dump.stack.frames.is_empty()
                && dump.comm.is_none()
                && !dump.skipped
        });
        if !of_cpu {
            let owner = match self.expect.take() {
                Some(Owner::Kthread) => Owner::Kthread,
                _ => Owner::Task(pid),
            };
            self.dump(owner);
        }
        if self.header.kind == Kind::Tasks {
            if let Some(pid) = pid {
                self.wait_for_task(Blocked { pid, off_cpu: None });
            }
        }
        if let Some(dump) = self.dumps.last_mut() {
            dump.comm = Some(comm);
            dump.state = Some(state);
        }
    }

    /// Takes a line of a stack.
    pub(crate) fn frame(&mut self, text: &str, no: u64) -> bool {
        // Before any stack is announced, a frame is the reporter's own.
        let mut fresh = Stack::default();
        if self.dumps.is_empty() {
            if self.trace {
                fresh.announce();
            }
            if !fresh.push(text) {
                return false;
            }
            if fresh.frames.is_empty() {
                return true;
            }
            let own = (self.header.kind == Kind::SelfDetected).then(|| self.cpus.first().copied());
            let trace = self.trace;
            let dump = self.dump(own.flatten().map_or(Owner::Unsaid, Owner::Cpu));
            if trace {
                dump.stack.announce();
            }
        }
        let Some(dump) = self.dumps.last_mut() else {
            return false;
        };
        let before = dump.stack.frames.len();
        let taken = dump.stack.push(text);
        let more = dump.stack.frames.len() > before;
        if more {
            dump.quotes.push(cut(no, text));
        }
        // Before a trace come registers, which differ from one machine to the next.
        let inside = more && dump.stack.announced();
        self.broken |= inside && (1..=GAP).contains(&self.gap);
        self.gap = if more {
            0
        } else {
            self.gap + u32::from(!taken)
        };
        taken
    }
}
