// SPDX-License-Identifier: GPL-2.0

//! What is concluded, and how surely.

use stalls::{Cause, Confidence, Episode};

use crate::{only, read};

#[test]
fn a_cross_call_that_is_not_answered_is_context() {
    let episode = only(
        "[  25.000001] smp: csd: Detected non-responsive CSD lock (#1) on CPU#0, waiting 5000000001 ns for CPU#01 do_nothing+0x0/0x10(0x0).\n\
         [  30.000001] rcu: INFO: rcu_preempt self-detected stall on CPU\n\
         [  30.000002] rcu: \t0-....: (20999 ticks this GP) idle=b01c/1/0x4000000000000000 softirq=1/1 fqs=3538\n\
         [  30.000003] rcu: \t(t=21000 jiffies g=377761 q=204059 ncpus=2)\n\
         [  30.000004] RIP: 0010:smp_call_function_many_cond+0x112/0x330\n",
    );
    assert_eq!(
        (episode.cause, episode.confidence),
        (Cause::CsdLock, Confidence::High)
    );
    assert_eq!(episode.companions.len(), 1);
}

#[test]
fn the_kthread_was_kicked_before() {
    let episode = only(
        "[  30.000001] Kicking rcu_preempt grace-period kthread\n\
         [  30.000002] WARNING: CPU: 0 PID: 0 at kernel/rcu/tree_stall.h:236 rcu_stall_kick_kthreads+0x60/0x80\n\
         [  30.100001] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
         [  30.100002] rcu: \t(detected by 0, t=21002 jiffies, g=9, q=1 ncpus=2)\n\
         [  30.100003] rcu: All QSes seen, last rcu_preempt kthread activity 20999 (4294713297-4294692298), jiffies_till_next_fqs=1, root ->qsmask 0x0\n\
         [  30.100004] rcu: rcu_preempt kthread starved for 20999 jiffies! g9 f0x0 RCU_GP_WAIT_FQS(5) ->state=R ->cpu=1\n\
         [  30.100005] rcu: RCU GP kthread last ran on offline CPU 1.\n",
    );
    assert_eq!(episode.companions.len(), 1);
    assert!(episode.all_qses_seen);
    assert_eq!(episode.cause, Cause::OfflineCpu);
}

#[test]
fn reports_of_one_stall_are_one_incident() {
    let report = |time: &str, t: u32, leaf: &str| {
        format!(
            "[{time}] rcu: INFO: rcu_preempt self-detected stall on CPU\n\
             [{time}] rcu: \t1-....: ({t} ticks this GP) idle=e1cc/1/0x4000000000000000 softirq=9/9 fqs=27\n\
             [{time}] rcu: \t(t={t} jiffies g=77 q=1 ncpus=2)\n\
             [{time}] RIP: 0010:{leaf}+0x1/0x20\n\
             [{time}] Call Trace:\n\
             [{time}]  <TASK>\n\
             [{time}]  long_loop+0x30/0x80 [module]\n\
             [{time}]  kthread+0xe3/0x120\n"
        )
    };
    let episodes = read(
        &(report("  100.000000", 5250, "one_leaf") + &report("  163.010000", 21003, "other_leaf")),
    );
    assert_eq!(episodes[0].incident, episodes[1].incident);
    assert_eq!(episodes[0].hz, Some(250));
    for episode in &episodes {
        assert_eq!(episode.culprit.as_deref(), Some("long_loop"));
    }
}

#[test]
fn no_verdict_is_sure_where_the_report_is_thin() {
    let thin = only(
        "[ 3556.510903] INFO: rcu_sched_state detected stalls on CPUs/tasks: { 2} (detected by 7, t=15002 jiffies)\n",
    );
    assert_eq!(
        (thin.cause, thin.confidence),
        (Cause::Unknown, Confidence::Low)
    );
}

/// A reader's only report, after `elapsed` jiffies, on a kernel whose tick rate is known.
fn reader(elapsed: i64) -> Episode {
    only(&format!(
        "[    0.000000] tsc: Detected 2596.103 MHz processor\n\
         [    0.000001] Calibrating delay loop (skipped) preset value.. 5192.20 BogoMIPS (lpj=2596103)\n\
         [   40.000001] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
         [   40.000002] rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1): P47\n\
         [   40.000003] rcu: \t(detected by 1, t={elapsed} jiffies, g=-1035, q=8 ncpus=2)\n"
    ))
}

#[test]
fn no_timeout_ends_between_two_seconds() {
    let punctual = reader(3002);
    assert_eq!(
        (punctual.cause, punctual.confidence),
        (Cause::ReaderTooLong, Confidence::Medium)
    );
    let late = reader(9012);
    assert_eq!(
        (late.cause, late.confidence),
        (Cause::ReaderTooLong, Confidence::Medium)
    );
    let jumped = reader(8915);
    assert_eq!(
        (jumped.cause, jumped.confidence),
        (Cause::VmPaused, Confidence::Medium)
    );
}

#[test]
fn a_cpu_that_reports_itself_and_is_reported() {
    let episodes = read(
        "[  237.961237] INFO: rcu_sched self-detected stall on CPU\n\
         [  237.966411] \t1-...: (1 GPs behind) idle=173/140000000000001/0 softirq=6360/6361 fqs=3000 \n\
         [  237.971238] INFO: rcu_sched detected stalls on CPUs/tasks:\n\
         [  237.971242] \t1-...: (1 GPs behind) idle=173/140000000000001/0 softirq=6360/6361 fqs=3000 \n\
         [  237.971245] \t(detected by 0, t=6002 jiffies, g=2501, c=2500, q=891)\n\
         [  238.015414] \t (t=6006 jiffies g=2501 c=2500 q=891)\n\
         [  238.020234] NMI backtrace for cpu 1\n\
         [  238.020235] RIP: 0010:spins+0x1/0x2\n",
    );
    assert_eq!(episodes.len(), 2);
    for episode in &episodes {
        assert_eq!(episode.incident, 1);
        assert_eq!(episode.cause, Cause::PreemptOff);
        assert_eq!(episode.culprit.as_deref(), Some("spins"));
    }
}

#[test]
fn the_stacks_of_a_crash_are_its_own() {
    let episode = only(
        "[  100.000001] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
         [  100.000002] rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1):\n\
         [  100.000003] ------------[ cut here ]------------\n\
         [  100.000004] WARNING: CPU: 1 PID: 27130 at kernel/sched/core.c:3013 somewhere+0x12d/0x270\n\
         [  100.000005] CPU: 1 PID: 27130 Comm: syz Not tainted 5.9.0 #0\n\
         [  100.000006] Call Trace:\n\
         [  100.000007]  somewhere+0x12d/0x270\n",
    );
    assert_eq!(episode.culprit, None);
}

#[test]
fn an_expedited_report_says_whether_a_cpu_was_reached() {
    let cause = |flags: &str| {
        let episode = only(&format!(
            "[  300.000001] rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: {{ 1-{flags} }} 21002 jiffies s: 17 root: 0x2/.\n"
        ));
        (episode.cause, episode.confidence)
    };
    assert_eq!(cause("...D"), (Cause::IrqsOff, Confidence::Medium));
    assert_eq!(cause("...."), (Cause::PreemptOff, Confidence::Medium));
    // Older kernels did not print that.
    assert_eq!(cause("..."), (Cause::PreemptOff, Confidence::Low));
}

#[test]
fn a_tick_on_top_of_another_interrupt() {
    let cause = |level: &str| {
        let episode = only(&format!(
            "[  300.000001] rcu: INFO: rcu_preempt self-detected stall on CPU\n\
             [  300.000002] rcu: \t1-....: (21000 ticks this GP) idle=7e6c/0/{level} softirq=3802/3803 fqs=5000\n\
             [  300.000003] rcu: \t(t=21002 jiffies g=8537 q=0 ncpus=2)\n"
        ));
        episode.cause
    };
    assert_eq!(cause("0x3"), Cause::InterruptStorm);
    assert_eq!(cause("0x1"), Cause::Unknown);
}

#[test]
fn no_timeout_is_longer_than_five_minutes() {
    let cause = |elapsed: i64| {
        let episode = only(&format!(
            "[ 2886.456408] rcu: INFO: rcu_sched self-detected stall on CPU\n\
             [ 2886.464934] rcu: \t0-...!: (2 ticks this GP) idle=7eb/0/0x1 softirq=118271/118271 fqs=0 \n\
             [ 2886.490837] \t(t={elapsed} jiffies g=185489 q=4)\n\
             [ 2886.497297] rcu: rcu_sched kthread timer wakeup didn't happen for {} jiffies! g185489 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x402\n\
             [ 2886.514201] rcu: \tPossible timer handling issue on cpu=0 timer-softirq=441616\n\
             [ 2886.524593] rcu: rcu_sched kthread starved for {elapsed} jiffies! g185489 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x402 ->cpu=0\n",
            elapsed - 3
        ));
        (episode.cause, episode.confidence)
    };
    assert_eq!(cause(2_199_034), (Cause::VmPaused, Confidence::Medium));
    assert_eq!(
        cause(21_003),
        (Cause::GpKthreadTimerLost, Confidence::Medium)
    );
}

#[test]
fn an_interrupt_that_came_while_idle_is_a_storm() {
    for (cpu, by) in [
        // Before 4.15 nesting counts interrupts, too.
        (
            "7-...: (1 GPs behind) idle=3e5/1/0 softirq=76392/76666 fqs=87785",
            1,
        ),
        (
            "0-....: (18 ticks this GP) idle=71e/0/0x3 softirq=6547/6564 fqs=1298",
            1,
        ),
    ] {
        let episode = only(&format!(
            "[ 3897.866438] INFO: rcu_sched detected stalls on CPUs/tasks:\n\
             [ 3897.867190] \t{cpu}\n\
             [ 3897.867947] \t(detected by {by}, t=195022 jiffies, g=-163, q=30)\n\
             [ 3897.868713] Task dump for CPU 7:\n\
             [ 3897.868714] swapper/7       R  running task        0     0      1 0x00000008\n\
             [ 3897.868721] Call Trace:\n\
             [ 3897.868725]  [<ffffffff90b18e07>] ? cpuidle_enter+0x17/0x20\n\
             [ 3897.868728]  [<ffffffff904c7dde>] ? cpu_startup_entry+0x29e/0x350\n"
        ));
        assert_eq!(episode.cause, Cause::InterruptStorm, "{cpu}");
        assert_ne!(episode.confidence, Confidence::High, "{cpu}");
    }
}

#[test]
fn a_virtual_cpu_that_halts_for_a_lock_is_not_idle() {
    let episode = only(
        "rcu: INFO: rcu_preempt self-detected stall on CPU\n\
         rcu: \t1-...!: (11 ticks this GP) idle=eae/0/0x3 softirq=11934/11934 fqs=0\n\
         \t(t=13378 jiffies g=11625 q=43)\n\
         rcu: rcu_preempt kthread starved for 13378 jiffies! g11625 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x0 ->cpu=1\n\
         NMI backtrace for cpu 1\n\
         CPU: 1 PID: 0 Comm: swapper/1 Not tainted 5.13.0 #0\n\
         Call Trace:\n \
         <IRQ>\n \
         rcu_sched_clock_irq.cold+0x3ec/0x74b kernel/rcu/tree.c:2649\n \
         update_process_times+0x16d/0x200 kernel/time/timer.c:1796\n \
         asm_sysvec_apic_timer_interrupt+0x12/0x20 arch/x86/include/asm/idtentry.h:647\n\
         RIP: 0010:arch_safe_halt arch/x86/include/asm/irqflags.h:90 [inline]\n\
         RIP: 0010:kvm_wait+0xb2/0x100 arch/x86/kernel/kvm.c:871\n \
         __pv_queued_spin_lock_slowpath+0x8b8/0xb40 kernel/locking/qspinlock.c:508\n \
         transmits+0x437/0xe10 net/core/dev.c:5044\n \
         __do_softirq+0x29b/0x9f6 kernel/softirq.c:559\n \
         </IRQ>\n \
         acpi_idle_enter+0x361/0x500 drivers/acpi/processor_idle.c:648\n",
    );
    assert_eq!(episode.cause, Cause::InterruptStorm);
    assert_eq!(episode.culprit.as_deref(), Some("transmits"));
}

#[test]
fn what_a_checker_saves_is_not_the_report() {
    let episode = only(
        "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
         rcu: \t1-...!: (3 ticks this GP) idle=5abc/1/0x4000000000000000 softirq=9/9 fqs=0\n\
         rcu: \t(detected by 0, t=13596 jiffies, g=9241, q=718 ncpus=2)\n\
         NMI backtrace for cpu 1\n\
         RIP: 0010:__kasan_check_read+0xa/0x20 mm/kasan/shadow.c:31\n \
         <IRQ>\n \
         _test_bit include/asm-generic/bitops/instrumented-non-atomic.h:141 [inline]\n \
         callback+0xab/0xca0 net/sched/sch_taprio.c:924\n \
         __hrtimer_run_queues+0x59b/0xd30 kernel/time/hrtimer.c:1803\n \
         </IRQ>\n \
         <TASK>\n \
         arch_stack_walk+0x10e/0x150 arch/x86/kernel/stacktrace.c:27\n \
         stack_trace_save+0x118/0x1d0 kernel/stacktrace.c:122\n \
         innocent+0x66/0x80 mm/kasan/common.c:345\n",
    );
    assert_eq!(episode.cause, Cause::InterruptStorm);
    assert_eq!(episode.culprit.as_deref(), Some("callback"));
}

#[test]
fn the_idle_loop_has_no_caller() {
    let episode = only(
        "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
         rcu: \t0-...!: (0 ticks this GP) idle=f5e0/0/0x0 softirq=519/519 fqs=0 (false positive?)\n\
         rcu: \t(detected by 1, t=6502 jiffies, g=-595, q=77 ncpus=2)\n\
         NMI backtrace for cpu 0\n\
         pc : tick_check_broadcast_expired+0xc/0x40\n\
         Call trace:\n \
         tick_check_broadcast_expired+0xc/0x40\n \
         do_idle+0x9c/0x280\n \
         kernel_init+0x0/0x11c\n \
         do_one_initcall+0x10/0x260\n\
         rcu: rcu_preempt kthread timer wakeup didn't happen for 6501 jiffies! g-595 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x402\n\
         rcu: rcu_preempt kthread starved for 6502 jiffies! g-595 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x402 ->cpu=0\n",
    );
    assert_eq!(episode.cause, Cause::GpKthreadTimerLost);
    assert_eq!(episode.culprit, None);
}

#[test]
fn a_hung_tasks_stack_is_not_the_stalls() {
    let episode = only(
        "[  100.000001] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
         [  222.000001] INFO: task kworker/46:0H:300 blocked for more than 122 seconds.\n\
         [  222.000002]       Tainted: G S         OE      6.12.0 #1\n\
         [  222.000003] task:kworker/46:0H   state:D stack:0     pid:300   tgid:300   ppid:2      flags:0x00004000\n\
         [  222.000004] Call Trace:\n\
         [  222.000005]  schedule+0x36/0xc0\n\
         [  222.000006]  attaches+0x1f/0xd0\n",
    );
    assert_eq!((episode.cause, episode.culprit), (Cause::Unknown, None));
}

#[test]
fn registers_tell_where_rcu_did_not_ask() {
    let episode = only(
        "[  157.556099] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
         [  157.556774] rcu:     1-...!: (1 GPs behind) idle=2104/1/0x4000000000000000 softirq=11084/11090 fqs=1\n\
         [  157.557694]  (detected by 0, t=10505 jiffies, g=3593, q=123 ncpus=2)\n\
         [  157.558745] NMI backtrace for cpu 1\n\
         [  157.558760] RIP: 0010:native_queued_spin_lock_slowpath+0x128/0x9a0\n\
         [  157.558777] RSP: 0018:ffffc9000e947788 EFLAGS: 00000002\n",
    );
    assert_eq!(
        (episode.cause, episode.confidence),
        (Cause::IrqsOff, Confidence::Medium)
    );
}

#[test]
fn an_idle_task_that_reports_itself_late_stood_still() {
    let report = |elapsed: u32| {
        only(&format!(
            "[ 3110.420643] INFO: rcu_sched self-detected stall on CPU {{ 0}}  (t={elapsed} jiffies g=30673 c=30672 q=0)\n\
             [ 3110.420890] NMI backtrace for cpu 0\n\
             [ 3110.420899] CPU: 0 PID: 0 Comm: swapper/0 Not tainted 3.13.0-30-generic #54-Ubuntu\n"
        ))
    };
    assert_eq!(report(51524).cause, Cause::VmPaused);
    // At a timeout's time an interrupt may as well keep it.
    assert_eq!(report(5250).cause, Cause::PreemptOff);
}

#[test]
fn a_storm_is_named_by_any_report_of_the_stall() {
    let report = |time: &str, t: u32, stack: &str| {
        format!(
            "[{time}1] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
             [{time}2] rcu: \t1-...0: (9 ticks this GP) idle=21dc/1/0x4000000000000000 softirq=631/631 fqs=2650\n\
             [{time}3] rcu: \t(detected by 0, t={t} jiffies, g=5553, q=365 ncpus=2)\n\
             [{time}4] NMI backtrace for cpu 1\n\
             {stack}\
             [{time}6]  __hrtimer_run_queues+0xd7/0x2f0\n\
             [{time}7]  hrtimer_interrupt+0x1a8/0x320\n\
             [{time}8]  asm_sysvec_apic_timer_interrupt+0x16/0x20\n\
             [{time}9]  innocent+0x1/0x20\n"
        )
    };
    let named = report(
        "   80.00000",
        3002,
        "[   80.000005] RIP: 0010:callback+0x1/0x20\n",
    );
    let between = report(
        "   89.00000",
        12007,
        "[   89.000005] RIP: 0010:rb_erase+0x72/0x2a0\n",
    );
    let episodes = read(&(named + &between));
    for episode in &episodes {
        assert_eq!(episode.cause, Cause::InterruptStorm);
        assert_eq!(episode.culprit.as_deref(), Some("callback"));
        assert!(episode.explanation.contains("callback()"));
    }
    let alone = only(&between);
    assert_eq!(alone.culprit, None);
    assert!(alone.explanation.contains("does not show whose"));
}

#[test]
fn a_symbol_of_megabytes_is_no_function() {
    let episode = only(
        "[  701.628630] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
         [  701.635259] rcu:     1-...0: (0 ticks this GP) idle=5b4/1/0x4000000000000000 softirq=9/9 fqs=500\n\
         [  701.685419]  (detected by 2, t=25012 jiffies, g=392945, q=968)\n\
         [  701.691487] Task dump for CPU 1:\n\
         [  701.702227] Call trace:\n\
         [  701.704822]  __switch_to+0x2c4/0x2e8\n\
         [  701.708578]  num_spec.70129+0x177e7d/0x1d336c\n",
    );
    assert_eq!((episode.cause, episode.culprit), (Cause::IrqsOff, None));
}

#[test]
fn one_look_at_a_reader_that_runs_is_not_sure() {
    let report = |time: u32, elapsed: u32, task: &str| {
        format!(
            "[{time:>5}.000001] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
             [{time:>5}.000002] rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1): {task}\n\
             [{time:>5}.000003] rcu: \t(detected by 1, t={elapsed} jiffies, g=-1035, q=8 ncpus=2)\n"
        )
    };
    let first = report(40, 3002, "P47");
    assert_eq!(only(&first).confidence, Confidence::Medium);
    for episode in read(&(first.clone() + &report(49, 12007, "P47"))) {
        assert_eq!(
            (episode.cause, episode.confidence),
            (Cause::ReaderTooLong, Confidence::High)
        );
    }
    // It was off its CPU at another look.
    for episode in read(&(first + &report(49, 12007, "P47/1:b..l"))) {
        assert_eq!(episode.confidence, Confidence::Medium);
    }
}

#[test]
fn a_cross_call_that_began_after_the_report_is_of_something_else() {
    let cause = |waiting: u64| {
        let log = format!(
            "[  185.521273] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
             [  185.521699] rcu: \t1-...0: (2 ticks this GP) idle=a2fc/1/0x4000000000000000 softirq=606/608 fqs=853\n\
             [  185.524469] rcu: \t(detected by 0, t=8002 jiffies, g=4673, q=259 ncpus=2)\n\
             [  185.525282] NMI backtrace for cpu 1\n\
             [  185.525730] RIP: 0010:holds+0x2/0x10\n\
             [  191.688854] smp: csd: Detected non-responsive CSD lock (#1) on CPU#0, waiting {waiting} ns for CPU#01 answer+0x0/0x10.\n\
             [  191.688964] smp: \tcsd: CSD lock (#1) unresponsive.\n"
        );
        only(&log).cause
    };
    assert_eq!(cause(1_000_000_031), Cause::IrqsOff);
    assert_eq!(cause(9_000_000_031), Cause::CsdLock);
}

/// Before the kernel told of the timer, a kthread that sleeps all along tells the same.
#[test]
fn an_old_kthread_that_sleeps_all_along_waits_for_its_timer() {
    let cause = |slept: i64| {
        only(&format!(
            "INFO: rcu_sched self-detected stall on CPU\n\
             \t1-...!: (1 GPs behind) idle=2e6/1/4611686018427387906 softirq=27263/27266 fqs=0\n\
             \t (t=343249 jiffies g=6526 c=6525 q=52)\n\
             rcu_sched kthread starved for {slept} jiffies! g6526 c6525 f0x0 RCU_GP_WAIT_FQS(3) ->state=0x402 ->cpu=0\n"
        ))
        .cause
    };
    assert_eq!(cause(343_249), Cause::VmPaused);
    assert_eq!(cause(20_000), Cause::PreemptOff);
}

#[test]
fn the_timers_line_alone_says_that_the_kthread_sleeps() {
    let cause = |state: &str| {
        only(&format!(
            "[ 1855.511748] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
             [ 1855.511769] rcu:     3-...!: (4334 GPs behind) idle=536/0/0x0 softirq=0/0 fqs=0  (false positive?)\n\
             [ 1855.511851] rcu: rcu_preempt kthread timer wakeup didn't happen for 5251 jiffies! g16169 f0x0 RCU_GP_WAIT_FQS(5) ->state={state}\n\
             [ 1855.511873] rcu:     Possible timer handling issue on cpu=1 timer-softirq=2931\n"
        ))
        .cause
    };
    assert_eq!(cause("0x402"), Cause::GpKthreadTimerLost);
    assert_eq!(cause("0x0"), Cause::GpKthreadStarved);
}

#[test]
fn a_cpu_that_is_behind_took_no_grace_periods() {
    let told = |count: &str| {
        only(&format!(
            "[ 10.000000] rcu: INFO: rcu_sched self-detected stall on CPU\n\
             [ 10.000001] rcu: \t1-....: ({count}) idle=2e6/1/0x4000000000000002 softirq=3/6 fqs=500\n\
             [ 10.000002] rcu: \t(t=2100 jiffies g=6526 q=52 ncpus=2)\n"
        ))
        .explanation
    };
    assert!(told("1 GPs behind").starts_with("CPU 1 is 1 grace period behind and"));
    assert!(
        told("2099 ticks this GP").starts_with("CPU 1 took 2099 ticks in this grace period and")
    );
}

/// Before a grace period's number was printed, how long it lasts tells one stall from the next.
#[test]
fn a_stall_as_long_as_the_last_is_another() {
    let incidents = |second: &str| {
        let log = format!(
            "[  298.961061] INFO: rcu_sched detected stall on CPU 0 (t=15000 jiffies)\n\
             [  298.961072] Call Trace:\n{second}\n"
        );
        read(&log)
            .iter()
            .map(|episode| episode.incident)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        incidents("[  396.713061] INFO: rcu_sched detected stall on CPU 0 (t=15000 jiffies)"),
        [1, 2]
    );
    assert_eq!(
        incidents("[  478.961061] INFO: rcu_sched detected stall on CPU 0 (t=60030 jiffies)"),
        [1, 1]
    );
}

/// The reporter's own stack says who keeps the kthread from its CPU, if it is that CPU.
#[test]
fn the_reporter_keeps_the_kthread_from_running() {
    let culprit = |reporter: u32| {
        only(&format!(
            "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
             \t(detected by {reporter}, t=10502 jiffies, g=10641, q=2)\n\
             rcu: All QSes seen, last rcu_preempt kthread activity 10503 (4295021069-4295010566), jiffies_till_next_fqs=1, root ->qsmask 0x0\n\
             executor R  running task    27000 10496  10495 0x00000000\n\
             Call Trace:\n <IRQ>\n rcu_sched_clock_irq+0xb23/0xc37\n update_process_times+0x2d/0x70\n </IRQ>\n\
             RIP: 0010:lock_acquire+0x20b/0x410\n enter_guest+0x323d/0x6100\n do_syscall_64+0xfa/0x790\n\
             rcu: rcu_preempt kthread starved for 10542 jiffies! g10641 f0x2 RCU_GP_WAIT_FQS(5) ->state=0x0 ->cpu=1\n"
        ))
        .culprit
    };
    assert_eq!(culprit(1).as_deref(), Some("enter_guest"));
    assert_eq!(culprit(0), None);
}

/// The tick checks for stalls on every CPU, and may itself be what takes the time.
#[test]
fn a_tick_that_another_cpu_looks_at_does_not_report() {
    let episode = only(
        "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
         rcu: \t1-...!: (1 GPs behind) idle=7754/1/0x4000000000000000 softirq=15464/15465 fqs=1\n\
         rcu: \t(detected by 0, t=10502 jiffies, g=11321, q=371 ncpus=2)\n\
         NMI backtrace for cpu 1\nRIP: 0010:reserve_next+0x592/0xdb0\nCall Trace:\n <IRQ>\n\
         bpf_trace_printk+0x11e/0x190\n rcu_sched_clock_irq+0xd3/0x1280\n update_process_times+0x23c/0x2f0\n\
         tick_nohz_handler+0x3e9/0x710\n __hrtimer_run_queues+0x4d0/0xc30\n hrtimer_interrupt+0x45b/0xaa0\n\
         sysvec_apic_timer_interrupt+0xa1/0xc0\n </IRQ>\n <TASK>\n asm_sysvec_apic_timer_interrupt+0x1a/0x20\n\
         innocent+0x1/0x2\n kthread+0x1/0x2\n </TASK>\n",
    );
    assert_eq!(
        (episode.cause, episode.culprit.as_deref()),
        (Cause::InterruptStorm, Some("reserve_next"))
    );
}
