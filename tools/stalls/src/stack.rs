// SPDX-License-Identifier: GPL-2.0

//! Stack traces of any architecture and age, and the function that one points at.

use std::sync::LazyLock;

use regex::{Regex, RegexSet, RegexSetBuilder};

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
}

/// One trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// Innermost first.
    pub frames: Vec<Frame>,
    in_nmi: bool,
    irqs_on: Option<bool>,
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
    /// Whether interrupts were on where it was interrupted, by the registers.
    pub irqs_on: Option<bool>,
}

/// What takes all the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storm {
    /// A timer, an interrupt or a softirq.
    pub what: &'static str,
    /// Its function.
    pub function: Option<String>,
}

/// Traces longer than this are cut.
const MAX_FRAMES: usize = 96;

static FRAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)\A
        (?:\[<?\s*[0-9a-fx]*(?:\(null\))?\s*>?\]\s+)*   # addresses
        (\?\s+)?
        [.]?([A-Za-z_$][\w.$]*)\+0x([0-9a-f]+)(?:/0x([0-9a-f]+))?
        (?:\s|\z|\()",
    )
    .expect("a constant pattern")
});
static ARM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\A(?:\[<[0-9a-f]+>\]\s+)?\(?([A-Za-z_$][\w.$]*)(?:\+0x[0-9a-f/x]+)?\)? from ")
        .expect("a constant pattern")
});
static DECODED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\A(\?\s+)?([A-Za-z_$][\w.$]*) (?:\[?inline\]? )?\(?[\w/.+-]+\.[chS](?:p?p)?:\d+")
        .expect("a constant pattern")
});
static PC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)\A(?:
        (?:RIP|EIP):\s*(?P<cs>[0-9a-f]{2,4}):\s*(?:\[<[0-9a-fx]+>\]\s*)*
        |EIP:\s*|EIP\ is\ at\s+|PC\ is\ at\s+|pc\ :\s*
        |NIP\ (?:\[[0-9a-f]+\]|:)\s*
        |epc\s*:\s*(?:[0-9a-f]{8,16}\s+)?
        |ERA:?\s+[0-9a-f]+\s+
        |Krnl\ PSW\ :[^(]*\(
        |---\ (?:Exception|interrupt):\ [0-9a-f]+\ at\s+
        |TPC\[
        |pstate.*\bpc\ :\s*
        )(?:\?\s+)?[.]?(?P<name>[A-Za-z_$0-9][\w.$]*)(?:\+0x|\s|\z)",
    )
    .expect("a constant pattern")
});
static RETURN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\A(?:lr : |LR is at |LR \[|LR = |ra :)").expect("a constant pattern")
});

impl Stack {
    /// Takes `text` if it is a line of a trace.
    pub fn push(&mut self, text: &str) -> bool {
        let mut text = text.trim_start();
        let mut marked = false;
        while let Some(rest) = text.strip_prefix('<') {
            let Some((mark, after)) = rest.split_once('>') else {
                break;
            };
            if !matches!(
                mark.trim_start_matches('/'),
                "IRQ" | "NMI" | "TASK" | "EOI" | "EOE" | "SOFTIRQ" | "#DB" | "#DF"
            ) {
                break;
            }
            if mark == "NMI" {
                self.in_nmi = true;
            } else if matches!(mark, "/NMI" | "EOE" | "TASK" | "IRQ") {
                self.in_nmi = false;
            }
            marked = true;
            text = after.trim_start();
        }
        let frame = if let Some(found) = PC.captures(text) {
            let name = found.name("name").map_or("", |name| name.as_str());
            let segment = found
                .name("cs")
                .map(|cs| cs.as_str().trim_start_matches('0'));
            // The low bits of the code segment are the privilege level.
            let user = segment.is_some_and(|cs| matches!(cs, "33" | "23" | "73" | "1b"));
            if name.starts_with(|c: char| c.is_ascii_digit()) && !user {
                return true;
            }
            Frame {
                pc: true,
                user,
                ..self.called(name, false)
            }
        } else if RETURN.is_match(text) {
            return true;
        } else if let Some(found) = FRAME.captures(text) {
            let group = |at| found.get(at).map_or("", |group| group.as_str());
            let unsure = found.get(1).is_some();
            // A pointer to a function's begin, or past its end, is no return address.
            if unsure && (group(3) == "0" || group(3) == group(4) || group(2).starts_with("__pfx_"))
            {
                return true;
            }
            self.called(group(2), unsure)
        } else if let Some(found) = DECODED.captures(text) {
            let name = found.get(2).map_or("", |name| name.as_str());
            self.called(name, found.get(1).is_some())
        } else if let Some(found) = ARM.captures(text) {
            self.called(found.get(1).map_or("", |name| name.as_str()), false)
        } else {
            self.irqs_on = self.irqs_on.or_else(|| irqs_on(text));
            return marked || furniture(text);
        };
        if self.frames.len() < MAX_FRAMES {
            self.frames.push(frame);
        }
        true
    }

    fn called(&self, name: &str, unsure: bool) -> Frame {
        Frame {
            name: demangle(name),
            unsure,
            pc: false,
            user: false,
            nmi: self.in_nmi,
        }
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
        let frames: Vec<&Frame> = interrupted
            .into_iter()
            .filter(|frame| !frame.unsure || !verdict.sure)
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
                names.drain(..entry);
            }
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
        verdict.storm = storm(&names);
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

    /// The frames of what ran when the report came, without those of the report.
    fn interrupted(&self) -> Vec<&Frame> {
        let frames = &self.frames;
        let report = frames
            .iter()
            .rposition(|frame| is(REPORT, base(&frame.name)));
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

/// Reads the interrupt flag out of the registers: x86's EFLAGS, arm64's pstate.
fn irqs_on(text: &str) -> Option<bool> {
    static FLAGS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"\bEFLAGS: 0*([0-9a-f]{3,8})\b|\Apstate\s*: [0-9a-f]+ \(\S{4} [dD][aA]([iI])[fF]",
        )
        .expect("a constant pattern")
    });
    let found = FLAGS.captures(text)?;
    match found.get(1) {
        Some(flags) => Some(u32::from_str_radix(flags.as_str(), 16).ok()? & 0x200 != 0),
        None => Some(&found[2] == "i"),
    }
}

/// Lines of a trace that name no function.
fn furniture(text: &str) -> bool {
    static FURNITURE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?x)\A(?:
            \z
            |Code:\ |Modules\ linked\ in|Hardware\ name|Stack\ ?:|Call\ [Tt]race:|Backtrace:|Instruction\ dump
            |[RE](?:[A-D]X|[SD]I|[SB]P|FLAGS)\b|R\d\d:|[CDEFGS]S:|CR\d|DR\d|PKRU|FS:
            |[xr]\d{1,2}\s*:|[sl]p\ :|psr:|pstate|GPR\d|MSR:|CFAR|NIP:|LR\ |CTR|XER
            |[sagtr]\d{1,2}\s*[:]|epc|badaddr|status:|gp\ :|tp\ :|Krnl\ |User\ |R:|Task:
            |(?:[0-9a-f]{8,16}\s+){2,}|[0-9a-f]{8,16}\z|\[<?\s*(?:[0-9a-f]*|\(null\))\s*>?\]|0x[0-9a-f]+\z
            |Exception\ stack|---|\.\.\.|PGD|Kernel\ Offset|Last\ level|Tainted:|Control:|Flags:|Process\ |Workqueue:
            )",
        )
        .expect("a constant pattern")
    });
    FURNITURE.is_match(text)
}

fn demangle(name: &str) -> String {
    match rustc_demangle::try_demangle(name) {
        Ok(name) => format!("{name:#}"),
        Err(_) => name.to_owned(),
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

/// A set of functions: names, and beginnings of names.
type Set = &'static LazyLock<RegexSet>;

fn is(set: Set, name: &str) -> bool {
    set.is_match(name)
}

macro_rules! set {
    ($(#[$doc:meta])* $name:ident, $table:ident = $($pattern:literal)*) => {
        static $table: LazyLock<RegexSet> = LazyLock::new(|| {
            // Names are ASCII, and tables without Unicode are small.
            let patterns = [$(concat!(r"\A(?:", $pattern, r")\z")),*];
            RegexSetBuilder::new(patterns).unicode(false).build().expect("constant patterns")
        });
        $(#[$doc])*
        static $name: Set = &$table;
    };
}

set! {
    /// What prints the report.
    REPORT, REPORTS =
    r"dump_(?:stack|backtrace|cpu_task)\w*|show_(?:stack|regs|trace)\w*|__show_regs|sched_show_task\w*|print_(?:cpu|other_cpu)_stall\w*"
    r"rcu_(?:dump_cpu_stacks|check_callbacks|sched_clock_irq|pending|print_\w+|stall_\w+|check_gp_kthread\w*)|__rcu_pending|check_cpu_stall"
    r"(?:arch_)?(?:trigger|nmi_trigger|nmi_cpu|nmi_raise)\w*backtrace\w*|nmi_(?:handle|cpu)\w*|default_do_nmi|do_nmi|exc_nmi|asm_exc_nmi|end_repeat_nmi|repeat_nmi|raw_nmi"
    r"unwind_(?:backtrace|frame)|save_stack_trace\w*|walk_stackframe|stack_trace_\w+|print_context_stack\w*|__handle_sysrq|synchronize_rcu_expedited_\w+|update_process_times|lapic_can_unplug_cpu"
}

set! {
    /// The tick that the report comes from.
    TICK, TICKS =
    r"tick_\w+|(?:__)?hrtimer_(?:run_queues|interrupt)|__run_hrtimer|__hrtimer_run_queues|(?:__|local_|smp_)*apic_timer_interrupt|raw_notifier_call_chain|timekeeping_\w+|scheduler_tick|sched_tick|account_\w+|run_local_timers|trigger_load_balance|update_wall_time|can_stop_\w+"
    r"\w*timer_(?:interrupt|handler\w*|event\w*)|arch_timer_\w+|xen_timer_interrupt|hv_stimer0\w*|riscv_timer_interrupt|ktime_get\w*|clockevent\w*|timer_interrupt|constant_timer_interrupt|twd_handler|\w*_timer_isr|profile_tick"
}

set! {
    /// How an interrupt enters.
    ENTRY, ENTRIES =
    r"(?:asm_|__|smp_|sysvec_|reschedule_)\w*(?:interrupt|sysvec\w*)|sysvec_\w+|asm_\w+|(?:do_)?IRQ|do_IRQ|common_interrupt|ret_from_intr|irq_exit\w*|__irq_exit_rcu|call_on_\w+|do_(?:interrupt|domain|some|softirq_own)\w*"
    r"(?:__)?handle_(?:irq|domain|percpu|fasteoi|edge|level|simple|IRQ)\w*|generic_handle_\w*irq\w*|gic_handle_irq\w*|__gic_handle\w*|el[01]\w*|(?:__)?el0_\w+|decrementer_common\w*|\w*evtchn\w*|xen_\w*hypervisor_callback|handle_riscv_irq|riscv_intc_irq|plat_irq_dispatch|handle_int|except_vec\w*|ext_int_handler|do_ext_irq|bcm\w*_handle_irq|__irq_svc|__irq_usr|vector_irq\w*|apic_timer_interrupt|ret_from_exception|do_vint|irq_entries_start\w*|interrupt_entry|trace_irq\w*|handle_arch_irq|do_irq\w*|handle_cpu_irq|handle_loongarch_irq"
}

set! {
    /// Functions that anything may call: they say nothing.
    HELPER, HELPERS =
    r"(?:do_)?_?_?raw_(?:spin|read|write)_\w+|_?_(?:spin|read|write)_(?:try|un)?lock\w*|(?:native_|__pv_|pv_)?queued_(?:spin|read|write)_\w+|pv_wait\w*|kvm_wait|arch_spin\w*|rt_spin_\w+|virt_spin_lock|osq_lock|spin_(?:un)?lock\w*|spin_trylock\w*|lock_(?:acquire|release|is_held)\w*|__lock_acquire|hlock_class|mark_lock\w*|lockdep_\w+|hv_qlock_wait|xen_qlock_wait|ticket_spin\w*|__ticket\w*|smp_yield_cpu|check_wait_context|validate_chain|check_flags"
    r"delay_\w+|__?(?:const_)?[un]delay|__delay|__const_udelay|[unm]delay\w*|__timer_delay|loop_udelay|loop_const_udelay|read_current_timer|arch_counter_\w+|(?:native_)?(?:read_)?tsc\w*|rdtsc\w*|read_hpet|read_tsc|kvm_clock_\w+|pvclock_\w+|native_sched_clock|(?:local_|sched_|cpu_|running_|paravirt_sched_)clock\w*|trace_clock\w*|ktime_\w+|ktime_get\w*|timekeeping_\w+|__?getnstimeofday\w*|timeval\w*|hv_(?:read|get)\w*clock\w*|vread\w*"
    r"rust_helper_\w+|lapic_next_\w+|clockevents_\w+|hrtimer_(?:rearm|reprogram|start|forward)\w*|__hrtimer_(?:rearm|reprogram)\w*|_{0,2}preempt_count\w*|check_kcov_mode|rcu_(?:eqs|idle|user|irq|nmi)_\w+|cpu_relax|rep_nop|native_pause|__?rcu_read_\w+|rcu_(?:read|lockdep|is|dynticks|momentary|preempt|note)_\w+|rcu_all_qs|debug_\w+|preempt_schedule\w*|(?:__|_)?cond_resched\w*|raw_irqentry\w*|irqentry_\w+|\w*_thunk|trace_\w+|ftrace_\w+|function_trace\w*|prof\w*|__fentry__|mcount|_?mcount\w*"
    r"__(?:sanitizer|asan|kasan|kcsan|tsan|msan|ubsan|kmsan)_\w+|kasan_\w+|check_region\w*|check_memory_region\w*|memory_is_\w+|write_comp_data|in_lock_functions|__orc_find|unwind_\w+|arch_stack_walk|stack_access_ok|kernel_text_address|__kernel_text_address|arch_local_\w+|native_irq\w*|native_restore_fl|native_save_fl|arch_irq\w*|raw_local\w*"
    r"_?_?mem(?:cpy|set|cmp|move)\w*|str(?:len|cmp|ncmp|cpy|chr)\w*|(?:clear|copy)_page\w*|rep_(?:movs|stos)\w*|_?_?find_(?:next|first|last)_\w*|_?_?bitmap_\w+|__?mod_timer|rb_\w+|timerqueue_\w+|(?:__)?(?:remove|enqueue|dequeue)_hrtimer\w*|cpumask_\w+|(?:test|set|clear)_bit|__list_\w+|list_\w+|hweight\w*|_?_?udivdi3|__div64_32|(?:native_)?(?:io_)?(?:read|write)[bwlq]"
    r"__?schedule|schedule|schedule_\w+|context_switch|__switch_to\w*|finish_task_switch\w*|io_schedule\w*|sched_yield|do_sched_yield|yield\w*|wait_for_completion\w*|do_wait_\w+|msleep\w*|usleep\w*|rcu_preempt_\w+"
    r"<?core::[ -~]*"
}

set! {
    /// What an idle CPU does.
    IDLE, IDLES =
    r"(?:native_|pv_native_|arch_|pv_)*safe_halt|(?:arch_|amd_e400_|mwait_|poll_)?(?:cpu_)?idle\w*|default_idle\w*|(?:intel|acpi|apm|haltpoll|psci|arm|pseries|snooze|stop|snb|nap|shared_cede|x86)_(?:enter_|cpu)?\w*idle\w*|acpi_(?:safe_halt|processor_\w+)|intel_idle\w*|mwait_idle\w*|do_idle|cpu_(?:startup_entry|do_idle|idle\w*)|poll_idle|cpuidle_\w+|call_cpuidle|__cpuidle\w*|xen_hypercall_sched_op|wait_for_interrupt|r4k_wait\w*|__r4k_wait|enabled_wait|psw_idle|wfi|snooze_loop|replay_interrupt\w*|power\d_idle\w*|tdx_safe_halt|hv_\w*idle\w*|start_secondary|rest_init|mwait\w*|__mwait|psci_cpu_suspend\w*|__pfx_\w*idle\w*"
}

set! {
    /// What every stack ends with.
    OUTER, OUTERS =
    r"kthread\w*|ret_from_\w+|worker_thread|process_one_work|process_scheduled_works|do_syscall_64|x64_sys_call|do_syscall_\w+|entry_\w+|system_call\w*|syscall_\w+|__?x64_sys_\w+|__?ia32_sys_\w+|__?arm64_sys_\w+|invoke_syscall\w*|el0_\w+|start_kernel|kernel_init\w*|kernel_thread\w*|kthread_worker_fn|smpboot_thread_fn|secondary_start\w*|start_secondary|do_notify_resume|exit_to_user\w*|prepare_exit\w*|do_el0_svc|__do_sys_\w+|sysret_\w+|do_fast_syscall_\w+|secondary_startup\w*|x86_64_start\w*|ret_fast_syscall|__secondary_switched|primary_entry|do_group_exit|do_exit|child_rip|tracesys|stub_\w+|rcu_gp_kthread|rcu_gp_fqs_loop|__do_softirq|handle_softirqs|run_ksoftirqd"
}

set! {
    /// Printing to a console.
    CONSOLE, CONSOLES =
    r"console_(?:unlock|flush_\w+|emit_\w+|write\w*|trylock\w*)|call_console_drivers|__?vprintk\w*|vprintk_\w+|_?printk|serial\w*_(?:console_)?(?:putchar|write|out|in|tx)\w*|uart_console_write|\w*wait_for_xmitr|wait_for_lsr|io_serial_(?:in|out)|mem32?_serial_(?:in|out)|pl011_console\w*|univ8250_\w+|nbcon_\w+|fbcon_\w+|hvc_console_\w+|netconsole_\w+|write_msg|vt_console_print|bit_putcs|soft_cursor"
}

set! {
    /// Waiting for other CPUs.
    CROSS_CALL, CROSS_CALLS =
    r"smp_call_function\w*|csd_lock_\w+|__csd_lock_\w+|generic_exec_single|on_each_cpu\w*|flush_tlb_(?:all|others|mm_range|kernel_range|page)\w*|native_flush_tlb_\w+|text_poke_\w+|stop_(?:machine|cpus)\w*|kick_all_cpus_sync|arch_send_\w+|hyperv_flush_tlb\w*|xen_flush_tlb\w*|wakeup_secondary\w*|cpa_flush\w*"
}

set! {
    /// What runs RCU callbacks.
    CALLBACKS, CALLBACK_LOOPS =
    r"rcu_do_batch|rcu_core(?:_si)?|rcu_process_callbacks|__rcu_process_callbacks|rcu_cpu_kthread|rcu_nocb_cb_kthread|nocb_cb_wait"
}

/// Finds the interrupt, timer or softirq that a stack is in.
fn storm(names: &[&str]) -> Option<Storm> {
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
            before(at)
        } else {
            innermost(&names[..at])
        };
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
