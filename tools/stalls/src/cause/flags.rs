// SPDX-License-Identifier: GPL-2.0

//! What the kernel's own line says of a CPU: flags, ticks, softirqs.

use super::{Case, Found};
use crate::fact::Cpu;
use crate::model::Cause;
use crate::model::Confidence::{Low, Medium};
use crate::report::About;

impl Case<'_> {
    /// The thread that runs RCU's core on a CPU did not run, and the CPU takes its tick.
    fn rcuc_starved(&self, cpu: &Cpu, jiffies: i64) -> Found {
        let switches = match self.report.counts {
            Some([.., switches]) if switches > 0 => {
                format!(" It does switch ({switches} times in the last half), so that preemption is on: a task of a higher priority is what is left, and it may keep a preempted reader from running as well.")
            }
            _ => " A task of a higher real-time priority is enough for that, and so is a loop with preemption off.".into(),
        };
        (
            Cause::PreemptOff,
            Medium,
            format!(
                "CPU {} {} and reported no quiescent state: its rcuc thread, which would, has not run for {}.{switches}",
                cpu.cpu,
                self.heard(cpu),
                self.span(jiffies)
            ),
            &[About::Cpu, About::Table],
        )
    }

    /// What the kernel's own line says of a CPU.
    pub(super) fn by_flags(&self, cpu: &Cpu, stuck: bool) -> Option<Found> {
        let lines: &'static [About] = &[About::Cpu];
        let number = cpu.cpu;
        let elapsed = u64::try_from(self.elapsed()).unwrap_or(0);
        let few = cpu.few_ticks(elapsed);
        // The table counts the last half only: more ticks may have come before it.
        let rare = !cpu.behind && elapsed > 500 && cpu.value < elapsed / 10;
        let tick_lost = cpu.lost_its_tick(elapsed) || rare && self.without_tick();
        // It says nothing of ticks, but the table does; or there is no table.
        let unseen = cpu.behind && self.without_tick() || rare && self.report.counts.is_none();
        let none = !cpu.behind && cpu.value <= 5;
        if self.self_detected() || self.report.reported_itself {
            if tick_lost && cpu.idle() {
                return None;
            }
            if tick_lost {
                return Some((
                    Cause::VmPaused,
                    Low,
                    format!(
                        "CPU {number} took {} ticks in {}: it was not running, or had its tick off, and then reported itself.",
                        cpu.value,
                        self.span(self.elapsed())
                    ),
                    lines,
                ));
            }
            if let Some(rcuc) = cpu.rcuc {
                return Some(self.rcuc_starved(cpu, rcuc));
            }
            let confidence = if cpu.behind {
                Medium
            } else {
                self.as_stack_shows()
            };
            return Some((
                Cause::PreemptOff,
                confidence,
                format!(
                    "CPU {number} {} and passed no quiescent state: it loops in the kernel, with preemption or softirqs off, or on a kernel that does not preempt.",
                    self.heard(cpu)
                ),
                lines,
            ));
        }
        if stuck {
            let confidence = if few || cpu.behind {
                self.as_stack_shows()
            } else {
                Medium
            };
            return Some((
                Cause::IrqsOff,
                confidence,
                format!(
                    "An interrupt that RCU sent CPU {number} at half the timeout is still pending: the CPU has interrupts off, or does not run at all."
                ),
                lines,
            ));
        }
        // Its tick would have told it of the new grace period, through its RCU softirq.
        let deaf = cpu.behind && cpu.softirq.is_some_and(|(then, now)| then == now);
        if deaf && cpu.irq_work() != Some('.') {
            return Some((
                Cause::IrqsOff,
                Medium,
                format!(
                    "CPU {number} runs in the kernel, has not heard of the last {} grace periods and ran no RCU softirq since: interrupts are off there (or softirqs are).",
                    cpu.value
                ),
                lines,
            ));
        }
        let irqs_off = self.verdict.as_ref().and_then(|verdict| verdict.irqs_on) == Some(false);
        if irqs_off && (few || cpu.behind) && cpu.irq_work() == Some('!') {
            return Some((
                Cause::IrqsOff,
                Medium,
                format!(
                    "CPU {number} had interrupts off when it was looked at ({}), and RCU had not come to ask it by one.",
                    self.ticks(cpu)
                ),
                lines,
            ));
        }
        match cpu.irq_work() {
            Some('.') if tick_lost || unseen => Some((
                Cause::TickOff,
                Medium,
                format!(
                    "CPU {number} answers interrupts and runs in the kernel, but {}: the scheduler tick is off there, or interrupts are off most of the time.",
                    if cpu.behind {
                        "took hardly a tick of its own".to_owned()
                    } else {
                        format!("took only {} of its own", self.ticks(cpu))
                    }
                ),
                lines,
            )),
            Some('.') => Some((
                Cause::PreemptOff,
                if cpu.behind || rare { Medium } else { self.as_stack_shows() },
                format!(
                    "CPU {number} answers interrupts and takes ticks ({}), and passes no quiescent state: it loops in the kernel.",
                    self.ticks(cpu)
                ),
                lines,
            )),
            Some(_) if few && self.kthread_there(number) => Some((
                Cause::IrqsOff,
                Medium,
                format!(
                    "CPU {number} took {} and also keeps the grace-period kthread, which ran there last, from running: interrupts are off, or nothing but interrupts runs.",
                    self.ticks(cpu)
                ),
                &[About::Cpu, About::Kthread],
            )),
            Some(_) if none && self.report.starved.is_some() => self.kthread(),
            Some(_) if few => Some((
                Cause::IrqsOff,
                Low,
                format!(
                    "CPU {number} took {}: interrupts are off, or the CPU does not run.",
                    self.ticks(cpu)
                ),
                lines,
            )),
            Some(_) if cpu.behind => self.timer_lost_before().or_else(|| {
                Some((
                    Cause::PreemptOff,
                    Low,
                    format!(
                        "CPU {number} runs in the kernel, {}, and passes no quiescent state; nothing tells whether it takes interrupts.",
                        self.ticks(cpu)
                    ),
                    lines,
                ))
            }),
            Some(_) => Some((
                Cause::PreemptOff,
                Medium,
                format!(
                    "CPU {number} takes ticks ({}) and passes no quiescent state.",
                    self.ticks(cpu)
                ),
                lines,
            )),
            // Before 4.16 nothing tells interrupts off from a tick that is off.
            None if none => Some((
                Cause::IrqsOff,
                Medium,
                format!(
                    "CPU {number} runs in the kernel and took no tick: interrupts are off, or the tick is.",
                ),
                lines,
            )),
            None if cpu.behind => Some((
                Cause::IrqsOff,
                Low,
                format!(
                    "CPU {number} runs in the kernel and has not heard of {} grace periods: interrupts are off, or its RCU softirq does not run.",
                    cpu.value
                ),
                lines,
            )),
            None => Some((
                Cause::PreemptOff,
                Medium,
                format!(
                    "CPU {number} takes ticks ({}) and passes no quiescent state: it loops in the kernel.",
                    self.ticks(cpu)
                ),
                lines,
            )),
        }
    }
}
