// SPDX-License-Identifier: GPL-2.0

//! What may follow a report's head, and what other watchdogs say.

use super::format::{
    ALL_SEEN, BLOCKED, BLOCKED_TASK, COMPANION_SET, COMPANIONS, COUNTS, CPU_SKIPPED, CPU_STACK,
    DETAIL, FOREIGN, HOLDOUT, KTHREAD_CPU_STACK, KTHREAD_OFFLINE, KTHREAD_STACK, OFFLINE, ON,
    ON_OLD, OTHER, STARVED, TABLE, TASK, TASK_OLD, TIMER, TIMER_CPU, TIMES, TRACE, WORK,
};
use super::{Blocked, Fact, end, number, text};

pub(super) fn other(line: &str) -> Option<(Fact, usize)> {
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
                state: text(&found, 2),
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
    if let Some(found) = HOLDOUT.captures(line) {
        return Some((Fact::Holdout(number(&found, 1)), line.len()));
    }
    if FOREIGN.is_match(line) {
        return Some((Fact::Foreign, line.len()));
    }
    if TRACE.is_match(line) {
        return Some((Fact::Trace, line.len()));
    }
    if TABLE.is_match(line) || DETAIL.is_match(line) {
        return Some((Fact::Detail, line.len()));
    }
    companion(line)
}

pub(super) fn companion(line: &str) -> Option<(Fact, usize)> {
    let (what, _) = COMPANIONS[COMPANION_SET.matches(line.as_bytes()).iter().next()?];
    Some((Fact::Companion(what), line.len()))
}
