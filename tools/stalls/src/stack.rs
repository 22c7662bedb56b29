// SPDX-License-Identifier: GPL-2.0

//! Stack traces of any architecture and age, and the function that one points at.

mod names;
mod parse;

use names::{
    CALLBACKS, CONSOLE, CROSS_CALL, ENTRY, HELPER, IDLE, LOCK_HALT, OUTER, REPORT, TICK, is,
};

/// One line of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The function.
    pub name: String,
    /// The unwinder was not sure (`?`).
    pub unsure: bool,
    /// Where the CPU was (RIP, pc, NIP, epc), not a caller of it.
    pub pc: bool,
    /// Where the CPU was is user code.
    pub user: bool,
    /// Inside `<NMI>`.
    pub nmi: bool,
    /// No return address, but a pointer to the function's begin.
    pub pointer: bool,
}

/// One trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// Innermost first.
    pub frames: Vec<Frame>,
    in_nmi: bool,
    irqs_on: Option<bool>,
    /// `Call Trace:` came, after the registers and so many frames.
    announced: Option<usize>,
    /// How often `<IRQ>` began and did not end.
    irq_marks: i32,
    /// It has frames on the stack for interrupts.
    on_irq_stack: bool,
    /// `</TASK>` came: what follows is another's.
    closed: bool,
    /// Registers came in it without where the CPU was: lines before them are lost.
    torn: bool,
    /// Its frames are names, and nothing else.
    bare: bool,
}

/// What a trace points at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The functions that are neither reporting nor helpers, innermost first.
    pub path: Vec<String>,
    /// The CPU was idle.
    pub idle: bool,
    /// It ran user code.
    pub user: bool,
    /// It was in a timer, an interrupt handler or a softirq, and in which function.
    pub storm: Option<Storm>,
    /// It printed.
    pub console: bool,
    /// It ran RCU callbacks.
    pub callback: bool,
    /// It waited for other CPUs.
    pub cross_call: bool,
    /// It was scheduled out.
    pub switched_out: bool,
    /// The unwinder was sure.
    pub sure: bool,
    /// It was not, but what an interrupt interrupted begins where its guesses about that end.
    pub entered: bool,
    /// Whether interrupts were on where it was interrupted, by the registers.
    pub irqs_on: Option<bool>,
    /// It ends as every stack does.
    pub ends: bool,
    /// It is all there, from where the CPU was to where every stack ends, and is no guess.
    pub whole: bool,
    /// The CPU was in an interrupt, or in softirqs.
    pub interrupt: bool,
}

/// What takes all the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storm {
    /// A timer, an interrupt or a softirq.
    pub what: &'static str,
    /// Its function.
    pub function: Option<String>,
}

impl Stack {
    /// The trace itself begins.
    pub fn announce(&mut self) {
        self.announced = Some(self.frames.len());
    }

    /// Whether the trace itself has begun: what comes is frames, and no registers.
    #[must_use]
    pub fn announced(&self) -> bool {
        self.announced.is_some()
    }

    /// What it points at.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let mut verdict = Verdict {
            irqs_on: self.irqs_on,
            ..Verdict::default()
        };
        let interrupted = self.interrupted();
        if interrupted.first().is_some_and(|frame| frame.user) {
            verdict.user = true;
            return verdict;
        }
        verdict.sure = interrupted.iter().any(|frame| !frame.unsure);
        verdict.ends = ends(&interrupted);
        verdict.whole = verdict.sure && verdict.ends && self.begins(&interrupted);
        let frames: Vec<&Frame> = interrupted
            .iter()
            .copied()
            .filter(|frame| !frame.pointer && (!frame.unsure || !verdict.sure))
            .take_while(|frame| !frame.user)
            .collect();
        let mut names: Vec<&str> = frames.iter().map(|frame| base(&frame.name)).collect();
        if !verdict.sure {
            // Guesses inside the last interrupt are left over from earlier calls.
            let entry = names
                .iter()
                .rposition(|name| is(ENTRY, name))
                .map_or(0, |at| at + 1);
            if names[entry..]
                .iter()
                .any(|name| !is(HELPER, name) && !is(OUTER, name))
            {
                verdict.entered = entry > 0;
                names.drain(..entry);
            }
        }

        // A virtual CPU that waits for a lock halts: that is not idle.
        let lock = names.iter().position(|name| is(LOCK_HALT, name));
        if let Some(lock) = lock.filter(|lock| names[..*lock].iter().all(|name| is(IDLE, name))) {
            names.drain(..lock);
        }
        // Nothing calls the idle loop.
        if let Some(idle) = names.iter().position(|name| is(IDLE, name)) {
            names.truncate(idle + 1);
        }

        let first = names.iter().find(|name| !is(HELPER, name));
        verdict.idle = first.is_some_and(|name| is(IDLE, name));
        verdict.switched_out = names.len() > 1
            && names.first().is_some_and(|name| {
                matches!(
                    *name,
                    "__switch_to" | "__schedule" | "schedule" | "context_switch"
                )
            });
        // The report's own frames are on the interrupts' stack, where they are printed.
        verdict.interrupt =
            names.iter().any(|name| is(ENTRY, name)) || self.on_irq_stack && !self.reports();
        verdict.storm = storm(&names, frames.first().is_some_and(|frame| frame.pc));
        if let Some(storm) = &mut verdict.storm {
            storm.function = storm
                .function
                .take()
                .or_else(|| called_before(&interrupted));
        }
        let inner = names.iter().take_while(|name| !is(ENTRY, name));
        verdict.console = inner.clone().any(|name| is(CONSOLE, name));
        // The loop over callbacks may be inlined; what it calls is not RCU's own.
        let batch = inner.clone().position(|name| is(CALLBACKS, name));
        verdict.callback = batch.is_some_and(|at| {
            let own =
                |name: &str| is(HELPER, name) || name.starts_with("rcu_") || name.contains("_rcu_");
            names[..at].iter().any(|name| !own(name))
        });
        verdict.cross_call = first.is_some_and(|name| is(CROSS_CALL, name));
        if !verdict.idle {
            let common = [HELPER, OUTER, ENTRY, REPORT, TICK, IDLE];
            verdict.path = names
                .iter()
                .filter(|name| !common.iter().any(|set| is(set, name)))
                .map(|name| (*name).to_owned())
                .take(24)
                .collect();
        }
        verdict
    }

    /// Whether it begins where the CPU was, or with the report, and misses no interrupt's begin or end.
    fn begins(&self, interrupted: &[&Frame]) -> bool {
        let first = self.frames.first().is_some_and(|frame| frame.pc);
        let located = interrupted.first().is_some_and(|frame| frame.pc);
        let lost = self.torn || self.irq_marks != 0;
        self.announced() && located && (first || self.reports()) && !lost
    }

    /// Whether it holds the frames of the report itself.
    fn reports(&self) -> bool {
        let mut frames = self.frames.iter();
        frames.any(|frame| is(REPORT, base(&frame.name)))
    }

    /// Whether another CPU's interrupt found it at work in its tick, which checks for stalls, too.
    fn inside_tick(&self) -> bool {
        let checks = |name: &str| {
            name.starts_with("rcu_sched_clock_irq")
                || matches!(
                    name.trim_start_matches('_'),
                    "update_process_times" | "rcu_check_callbacks" | "rcu_pending"
                )
        };
        let report = |frame: &Frame| is(REPORT, base(&frame.name));
        let works = |frame: &Frame| {
            let common = [HELPER, ENTRY, TICK];
            let says_nothing = common.iter().any(|set| is(set, base(&frame.name)));
            !(frame.unsure || frame.nmi || frame.pointer || says_nothing)
        };
        let looked = self.frames.first();
        let looked = looked.is_some_and(|frame| frame.pc && !frame.user && !report(frame));
        let mut reports = self.frames.iter().filter(|frame| report(frame));
        looked
            && reports.all(|frame| checks(base(&frame.name)))
            && self.frames[1..]
                .iter()
                .take_while(|frame| !report(frame))
                .any(works)
    }

    /// The frames of what ran when the report came, without those of the report.
    fn interrupted(&self) -> Vec<&Frame> {
        let frames = &self.frames;
        // What is dumped while it prints is a warning's or a crash's, and no report on it.
        let prints = |frame: &Frame| !frame.unsure && !frame.nmi && is(CONSOLE, base(&frame.name));
        let printing = frames.iter().position(prints);
        let report = frames[..printing.unwrap_or(frames.len())]
            .iter()
            .rposition(|frame| is(REPORT, base(&frame.name)))
            .filter(|_| !self.inside_tick());
        // The registers say best where it was, unless they are those of the report itself.
        let pc = frames
            .iter()
            .position(|frame| frame.pc && (frame.user || !is(REPORT, base(&frame.name))));
        let after_report = report.map_or(0, |report| {
            let mut end = report + 1;
            for (at, frame) in frames.iter().enumerate().skip(report + 1) {
                // The unwinder's guesses lie between the frames of the tick.
                if at > end + 3 {
                    break;
                }
                let name = base(&frame.name);
                if !frame.pc && (is(TICK, name) || is(ENTRY, name)) {
                    end = at + 1;
                }
            }
            end
        });
        // User code below kernel code was only entered from: the registers of that were lost.
        let entered = |frame: &Frame| {
            let name = base(&frame.name);
            frame.unsure || [ENTRY, TICK, OUTER].iter().any(|set| is(set, name))
        };
        let pc = pc.filter(|&pc| {
            !frames[pc].user
                || frames
                    .get(after_report..pc)
                    .is_none_or(|kernel| kernel.iter().all(entered))
        });
        let rest = frames[after_report..].iter().filter(|frame| !frame.nmi);
        match pc {
            Some(pc) if pc >= after_report => {
                frames[pc..].iter().filter(|frame| !frame.nmi).collect()
            }
            Some(pc) => std::iter::once(&frames[pc]).chain(rest).collect(),
            None => rest.collect(),
        }
    }
}

/// The function without what a compiler appended.
fn base(name: &str) -> &str {
    const SUFFIXES: [&str; 7] = [
        ".isra",
        ".part",
        ".constprop",
        ".cold",
        ".llvm",
        ".cfi",
        ".lto_priv",
    ];
    let end = SUFFIXES.iter().filter_map(|suffix| name.find(suffix)).min();
    &name[..end.unwrap_or(name.len())]
}

/// Whether the outermost frame is one that every stack ends with.
fn ends(frames: &[&Frame]) -> bool {
    let sure = frames.iter().rfind(|frame| !frame.unsure);
    let last = sure.or(frames.last());
    last.is_some_and(|frame| {
        let name = base(&frame.name);
        // An interrupt's entry may be left over from an earlier one.
        frame.user || is(OUTER, name) || is(IDLE, name) || !frame.unsure && is(ENTRY, name)
    })
}

/// What runs the callbacks of timers.
fn runs_timers(name: &str) -> bool {
    matches!(
        name,
        "__hrtimer_run_queues" | "__run_hrtimer" | "call_timer_fn" | "expire_timers"
    )
}

/// The callback that returned last, or is to be called, by what it left on the stack.
fn called_before(frames: &[&Frame]) -> Option<String> {
    let runs = |frame: &&Frame| !frame.unsure && runs_timers(base(&frame.name));
    let at = frames.iter().position(runs)?;
    let left = frames[..at].iter().rev().filter(|frame| frame.unsure);
    let mut names = left.map(|frame| base(&frame.name));
    let common = [HELPER, ENTRY, TICK, CONSOLE, REPORT];
    let name = names.find(|name| !common.iter().any(|set| is(set, name)) && !runs_timers(name));
    name.map(str::to_owned)
}

/// Finds the interrupt, timer or softirq that a stack is in; `looked` says that registers begin it.
fn storm(names: &[&str], looked: bool) -> Option<Storm> {
    let before = |at: usize| {
        names[..at]
            .iter()
            .rev()
            .copied()
            .find(|name| !is(HELPER, name) && !is(ENTRY, name))
            .map(str::to_owned)
    };
    let innermost = |inside: &[&str]| {
        let told = |name: &&&str| {
            ![HELPER, ENTRY, TICK, CONSOLE]
                .iter()
                .any(|set| is(set, name))
        };
        inside.iter().find(told).map(|name| (*name).to_owned())
    };
    for (at, name) in names.iter().enumerate() {
        let what = match *name {
            "__hrtimer_run_queues"
            | "__run_hrtimer"
            | "hrtimer_interrupt"
            | "hrtimer_run_softirq" => "hrtimers",
            "call_timer_fn" | "expire_timers" | "__run_timers" | "run_timer_softirq" => "timers",
            "__handle_irq_event_percpu" | "handle_irq_event_percpu" | "handle_irq_event" => {
                "interrupt handlers"
            }
            "__do_softirq" | "handle_softirqs" | "run_ksoftirqd" => "softirqs",
            "tasklet_action" | "tasklet_action_common" | "tasklet_hi_action" => "tasklets",
            _ => continue,
        };
        // A timer's callback is what is due again and again; else the innermost function tells.
        let timer = matches!(what, "hrtimers" | "timers");
        let named = if timer {
            // The tick is a timer, too, and not the one that is to blame.
            before(at)
                .filter(|name| !is(TICK, name))
                .or_else(|| innermost(&names[..at]))
        } else {
            innermost(&names[..at])
        };
        let quiet = |name: &&str| [HELPER, ENTRY, TICK].iter().any(|set| is(set, name));
        if what == "hrtimers" && !looked && names[..at].iter().all(quiet) {
            // Just the tick that was taken last, as in a task's dump.
            continue;
        }
        let function = named
            .filter(|name| !matches!(name.as_str(), "__hrtimer_run_queues" | "hrtimer_interrupt"));
        let function =
            function.or_else(|| (at == 0 && what == "softirqs").then(|| (*name).to_owned()));
        return Some(Storm { what, function });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(trace: &str) -> Verdict {
        let mut stack = Stack::default();
        for line in trace.lines() {
            assert!(stack.push(line), "{line:?} is no line of a trace");
        }
        stack.verdict()
    }

    #[test]
    fn skips_the_tick_that_reports() {
        let found = verdict(
            "<IRQ>\n dump_stack_lvl+0x34/0x48\n rcu_dump_cpu_stacks+0x106/0x150\n rcu_sched_clock_irq.cold+0x63/0x2f2\n ? raw_notifier_call_chain+0x3c/0x60\n update_process_times+0x5d/0x90\n tick_sched_handle+0x2f/0x40\n tick_sched_timer+0x6c/0x80\n __hrtimer_run_queues+0x122/0x2c0\n hrtimer_interrupt+0x101/0x220\n __sysvec_apic_timer_interrupt+0x77/0x160\n sysvec_apic_timer_interrupt+0x9d/0xd0\n </IRQ>\n <TASK>\n asm_sysvec_apic_timer_interrupt+0x16/0x20\n RIP: 0010:delay_tsc+0xb/0x10\n spin_here+0x1/0x2 [mod]\n kthread+0x1/0x2",
        );
        assert_eq!(found.path, ["spin_here"]);
        assert_eq!(found.storm, None);
    }

    #[test]
    fn who_prints_a_warning_prints() {
        let found = verdict(
            "RIP: 0010:delay_tsc+0x3f/0x90\n <TASK>\n wait_for_lsr+0x6c/0xd0\n __serial8250_console_write+0x315/0x490\n nbcon_emit_next_record+0x2dc/0x3f0\n __nbcon_atomic_flush_pending_con+0xb7/0x1a0\n vprintk_emit+0x1b2/0x1e0\n _printk+0x46/0x50\n __show_regs+0x1f/0x300\n show_regs+0x2f/0x40\n __warn+0xdb/0x190\n __report_bug+0x1a0/0x1f0\n exc_invalid_op+0x1a/0x60\n asm_exc_invalid_op+0x16/0x20\n RIP: 0010:warn+0x0/0x10 [mod]\n flood+0x64/0x120 [mod]\n kthread+0xe7/0x110",
        );
        assert!(found.console);
        assert_eq!(found.path[0], "wait_for_lsr");
    }

    #[test]
    fn an_idle_cpu_has_no_culprit() {
        let found = verdict(
            "RIP: 0010:default_idle+0xb/0x10\n default_idle_call+0x2c/0xe0\n do_idle+0x1ed/0x260",
        );
        assert!(found.idle && found.path.is_empty());
    }

    #[test]
    fn names_a_timer_callback() {
        let found = verdict(
            "RIP: 0010:spin+0x1/0x2\n <IRQ>\n storm_callback+0x1/0x2\n __hrtimer_run_queues+0x1/0x2\n hrtimer_interrupt+0x1/0x2\n __sysvec_apic_timer_interrupt+0x1/0x2\n </IRQ>\n <TASK>\n asm_sysvec_apic_timer_interrupt+0x1/0x2\n cpuidle_enter_state+0x1/0x2",
        );
        assert_eq!(
            found.storm,
            Some(Storm {
                what: "hrtimers",
                function: Some("storm_callback".into())
            })
        );
    }

    #[test]
    fn names_a_callback_that_just_returned() {
        let function = |left: &str| {
            let storm = verdict(&format!(
                "RIP: 0010:rb_erase+0x1/0x2\n <IRQ>\n ? fill_pool+0x1/0x2\n{left} ? do_raw_spin_unlock+0x48/0x250\n __hrtimer_run_queues+0x1/0x2\n hrtimer_interrupt+0x1/0x2\n sysvec_apic_timer_interrupt+0x1/0x2\n </IRQ>\n asm_sysvec_apic_timer_interrupt+0x1/0x2\n ? __pfx_innocent+0x10/0x10\n do_idle+0x1/0x2"
            ));
            storm.storm.and_then(|storm| storm.function)
        };
        assert_eq!(
            function(" ? storm_callback+0x34d/0x470\n").as_deref(),
            Some("storm_callback")
        );
        assert_eq!(
            function(" ? __pfx_storm_callback+0x10/0x10\n").as_deref(),
            Some("storm_callback")
        );
        assert_eq!(
            function(" ? storm_callback+0x0/0x470\n").as_deref(),
            Some("storm_callback")
        );
        // Who knows what lies behind another function's end.
        assert_eq!(function(" ? other+0x470/0x470\n"), None);
    }

    #[test]
    fn reads_other_architectures() {
        for (line, name) in [
            ("[<ffffffff810ab6ea>] ? f+0x19a/0x4d0", "f"),
            ("[c7363c70] [c0631338] f+0x30/0xbc (unreliable)", "f"),
            (
                "[<80012940>] (f) from [<80012b38>] (show_stack+0x18/0x1c)",
                "f",
            ),
            ("f from schedule+0x20/0xac", "f"),
            ("pc : f+0x9c/0x310", "f"),
            ("PC is at f+0x9c/0x310", "f"),
            ("NIP [c000000000d02480] .f+0x60/0xe0", "f"),
            ("epc : f+0x9c/0x310", "f"),
            (" IAOQ[0]: f+0x64/0x80", "f"),
            (
                "RIP: 0010:[<ffffffff8100>]  [<ffffffff8100>] f+0x1/0x2",
                "f",
            ),
            ("f+0x93a/0x26f0 kernel/sched/core.c:5938", "f"),
            ("f kernel/sched/core.c:4681 [inline]", "f"),
            ("f (/home/x/arch/arm64/kernel/process.c:740) (T)", "f"),
            ("_RNvCsabc_4demo4spin+0x1/0x2 [demo]", "demo::spin"),
        ] {
            let mut stack = Stack::default();
            assert!(stack.push(line), "{line:?}");
            assert_eq!(stack.frames[0].name, name, "{line:?}");
        }
    }
}
