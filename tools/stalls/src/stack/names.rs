// SPDX-License-Identifier: GPL-2.0

//! Which functions say nothing, and which say what a CPU was at.

use std::sync::LazyLock;

use regex::{RegexSet, RegexSetBuilder};

/// A set of functions: names, and beginnings of names.
pub(super) type Set = &'static LazyLock<RegexSet>;

pub(super) fn is(set: Set, name: &str) -> bool {
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
        pub(super) static $name: Set = &$table;
    };
}

set! {
    /// What prints the report.
    REPORT, REPORTS =
    r"_{0,2}dump_(?:stack|backtrace|cpu_task)\w*|show_(?:stack|regs|trace)\w*|__show_regs|sched_show_task\w*|print_(?:cpu|other_cpu)_stall\w*"
    r"rcu_(?:dump_cpu_stacks|check_callbacks|sched_clock_irq|pending|print_\w+|stall_\w+|check_gp_kthread\w*)|__rcu_pending|check_cpu_stall"
    r"(?:arch_)?(?:trigger|nmi_trigger|nmi_cpu|nmi_raise)\w*backtrace\w*|nmi_(?:handle|cpu)\w*|default_do_nmi|do_nmi|exc_nmi|asm_exc_nmi|end_repeat_nmi|repeat_nmi|raw_nmi"
    r"unwind_(?:backtrace|frame)|walk_stackframe|print_context_stack\w*|__handle_sysrq|synchronize_rcu_expedited_\w+|update_process_times|lapic_can_unplug_cpu"
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
    r"(?:__)?handle_(?:irq|domain|percpu|fasteoi|edge|level|simple|IRQ)\w*|generic_handle_\w*irq\w*|gic_handle_irq\w*|__gic_handle\w*|el[01]\w*|(?:__)?el0_\w+|decrementer_common\w*|\w*evtchn\w*|xen_\w*hypervisor_callback|handle_riscv_irq|riscv_intc_irq|plat_irq_dispatch|handle_int|except_vec\w*|tl0_irq\d+|ext_int_handler|do_ext_irq|bcm\w*_handle_irq|__irq_svc|__irq_usr|vector_irq\w*|apic_timer_interrupt|ret_from_exception|do_vint|irq_entries_start\w*|interrupt_entry|retint_\w+|restore_args|ret_from_irq|trace_irq\w*|handle_arch_irq|execute_on_\w+|do_cpu_irq_mask|intr_(?:extint|return)|do_irq\w*|handle_cpu_irq|handle_loongarch_irq"
}

set! {
    /// Functions that anything may call: they say nothing.
    HELPER, HELPERS =
    r"(?:do_)?_?_?raw_(?:spin|read|write)_\w+|_?_(?:spin|read|write)_(?:try|un)?lock\w*|(?:native_|__pv_|pv_)?queued_(?:spin|read|write)_\w+|pv_wait\w*|kvm_wait|arch_spin\w*|rt_(?:spin|read|write)_\w+|rtlock_\w+|rwbase_\w+|(?:__)?rt_mutex_\w+|virt_spin_lock|osq_lock|spin_(?:un)?lock\w*|spin_trylock\w*|lock_(?:acquire|release|is_held)\w*|__lock_acquire|hlock_class|mark_(?:lock|usage)\w*|lockdep_\w+|(?:__)?mutex_(?:try|spin|optimistic|un)?_?(?:lock|spin|on)\w*|(?:down|up)_(?:read|write)\w*|(?:__)?(?:rwsem|percpu)_(?:down|optimistic|spin)\w*|hv_qlock_wait|xen_qlock_wait|ticket_spin\w*|__ticket\w*|smp_yield_cpu|check_wait_context|validate_chain|check_flags"
    r"delay_\w+|__?(?:const_)?[un]delay|__delay|__const_udelay|[unm]delay\w*|__timer_delay|loop_udelay|loop_const_udelay|read_current_timer|arch_counter_\w+|(?:native_)?(?:read_)?tsc\w*|rdtsc\w*|read_hpet|read_tsc|kvm_clock_\w+|pvclock_\w+|native_sched_clock|(?:local_|sched_|cpu_|running_|paravirt_sched_)clock\w*|trace_clock\w*|ktime_\w+|ktime_get\w*|timekeeping_\w+|__?getnstimeofday\w*|timeval\w*|hv_(?:read|get)\w*clock\w*|vread\w*"
    r"rust_helper_\w+|lapic_next_\w+|native_apic_(?:mem|msr)_(?:eoi|read|write)|\w*send_IPI\w*|native_smp_send_\w+|native_send_call_func\w*|clockevents_\w+|hrtimer_(?:rearm|reprogram|start|forward)\w*|__hrtimer_(?:rearm|reprogram)\w*|_{0,2}preempt_count\w*|check_kcov_mode|rcu_(?:eqs|idle|user|irq|nmi)_\w+|cpu_relax|rep_nop|native_pause|__?rcu_read_\w+|_{0,2}s?rcu_(?:read|lockdep|is|dynticks|momentary|preempt|note)_\w+|rcu_all_qs|debug_(?:smp_processor_id|(?:lockdep|object|check_no|dma|mutex|rt_mutex|spin|rwlock|lock|hrtimer|timer|work|rcu|exception|slab)\w*|(?:de)?activate)|preempt_schedule\w*|(?:__|_)?cond_resched\w*|should_resched|_{0,2}local_bh_\w+|rcu_lock_(?:acquire|release)|fill_pool|raw_irqentry\w*|irqentry_\w+|\w*_thunk|trace_\w+|ftrace_\w+|function_trace\w*|prof\w*|__fentry__|mcount|_?mcount\w*"
    r"__(?:sanitizer|asan|kasan|kcsan|tsan|msan|ubsan|kmsan)_\w+|kasan_(?:byte|check|complete|object|poison|quarantine|record|report|save|set|slab|unpoison)\w*|check_region\w*|check_memory_region\w*|memory_is_\w+|write_comp_data|in_lock_functions|__orc_find|unwind_\w+|arch_stack_walk|save_stack_trace\w*|stack_trace_\w+|instrument_\w+|stack_access_ok|kernel_text_address|__kernel_text_address|(?:__)?orc_find|unpoison_slab_\w+|slab_(?:pre|post)_alloc_hook|kmem_alloc_batch|add_dma_entry|active_cacheline_\w+|(?:debug_)?dma_(?:un)?map_(?:page|single|sg|phys)\w*|plpar_hcall_norets\w*|arch_local_\w+|replay_interrupt\w*|native_irq\w*|native_restore_fl|native_save_fl|arch_irq\w*|raw_local\w*"
    r"_?_?mem(?:cpy|set|cmp|move)\w*|str(?:len|cmp|ncmp|cpy|chr)\w*|(?:clear|copy)_page\w*|rep_(?:movs|stos)\w*|_?_?find_(?:next|first|last)_\w*|_?_?bitmap_\w+|__?mod_timer|rb_\w+|timerqueue_\w+|(?:__)?(?:remove|enqueue|dequeue)_hrtimer\w*|cpumask_\w+|_?(?:test|set|clear)_bit|__list_\w+|list_\w+|hweight\w*|_?_?udivdi3|__div64_32|(?:native_)?(?:io_)?(?:read|write)[bwlq]|io(?:read|write)\d+\w*"
    r"__?schedule|schedule|ttwu_\w+|try_to_wake_up|(?:__)?cgroup_account_\w+|schedule_(?:hrtimeout|idle|preempt|rtlock|timeout)\w*|context_switch|__switch_to\w*|finish_task_switch\w*|io_schedule\w*|sched_yield|do_sched_yield|yield\w*|wait_for_completion\w*|do_wait_\w+|msleep\w*|usleep\w*|rcu_preempt_\w+"
    r"_{0,2}k[mvz]?[mzc]alloc\w*|kmem_cache_(?:alloc|free)\w*|_{0,3}slab_alloc\w*|_{0,2}(?:netdev_|napi_)?alloc_skb\w*|_{0,2}alloc_pages\w*|_{0,2}get_free_pages|kfree\w*"
    r"oops_(?:begin|end|exit)|die\w*|__die\w*|no_context|_{0,2}bad_area\w*|kernelmode_fixup_or_oops|page_fault_oops"
    r"<?core::[ -~]*"
}

set! {
    /// What an idle CPU does.
    IDLE, IDLES =
    r"(?:native_|pv_native_|arch_|pv_)*safe_halt|(?:arch_|amd_e400_|mwait_|poll_)?(?:cpu_)?idle\w*|default_idle\w*|(?:intel|acpi|apm|haltpoll|psci|arm|pseries|snooze|stop|snb|nap|shared_cede|x86)_(?:enter_|cpu)?\w*idle\w*|acpi_(?:safe_halt|processor_\w+)|tick_check_broadcast_expired|intel_idle\w*|mwait_idle\w*|do_idle|cpu_(?:startup_entry|do_idle|idle\w*)|poll_idle|cpuidle_\w+|call_cpuidle|__cpuidle\w*|xen_hypercall_sched_op|wait_for_interrupt|r4k_wait\w*|__r4k_wait|enabled_wait|psw_idle|wfi|snooze_loop|power\d_idle\w*|tdx_safe_halt|hv_\w*idle\w*|start_secondary|rest_init|mwait\w*|__mwait|psci_cpu_suspend\w*|__pfx_\w*idle\w*"
}

set! {
    /// How a virtual CPU waits for a lock.
    LOCK_HALT, LOCK_HALTS =
    r"kvm_wait|pv_wait\w*|(?:hv_q|xen_q)lock_wait"
}

set! {
    /// What every stack ends with.
    OUTER, OUTERS =
    r"kthread\w*|ret_from_\w+|worker_thread|process_one_work|process_scheduled_works|do_syscall_64|x64_sys_call|do_syscall_\w+|entry_\w+|system_call\w*|syscall_\w+|__?x64_sys_\w+|__?ia32_sys_\w+|__?arm64_sys_\w+|invoke_syscall\w*|el0_\w+|start_kernel|kernel_init\w*|kernel_thread\w*|kthread_worker_fn|smpboot_thread_fn|secondary_start\w*|start_secondary|do_notify_resume|exit_to_user\w*|prepare_exit\w*|do_el0_svc|__do_sys_\w+|sysret_\w+|do_fast_syscall_\w+|secondary_startup\w*|common_startup\w*|x86_64_start\w*|ret_fast_syscall|__secondary_switched|primary_entry|do_group_exit|do_exit|child_rip|tracesys|stub_\w+|rcu_gp_kthread|rcu_gp_fqs_loop|__do_softirq|handle_softirqs|run_ksoftirqd"
}

set! {
    /// Printing to a console.
    CONSOLE, CONSOLES =
    r"console_(?:unlock|flush_\w+|emit_\w+|write\w*|trylock\w*)|call_console_drivers|__?vprintk\w*|vprintk_\w+|_?printk|_{0,2}serial\w*_(?:console_)?(?:(?:putchar|write|out|tx)\w*|in(?:32(?:be)?|[bwlq])?)|uart_console_write|\w*wait_for_xmitr|wait_for_lsr|io_serial_(?:in|out)|mem32?_serial_(?:in|out)|pl011_console\w*|univ8250_\w+|_{0,2}nbcon_\w+|fbcon_\w+|hvc_console_\w+|netconsole_\w+|write_msg|vt_console_print|bit_putcs|soft_cursor"
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
