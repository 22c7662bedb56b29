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
        (Cause::ReaderTooLong, Confidence::High)
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
