// SPDX-License-Identifier: GPL-2.0

//! What the kernel has printed in one version or another.

use stalls::{Cause, Confidence, Kind};

use crate::only;

#[test]
fn suppressed_because_of_a_cross_call() {
    let normal = only(
        "[  30.000001] rcu: INFO: rcu_preempt detected stall, but suppressed full report due to a stuck CSD-lock.\n",
    );
    assert_eq!(
        (normal.kind, normal.cause, normal.confidence),
        (Kind::Detected, Cause::CsdLock, Confidence::High)
    );
    let expedited = only(
        "rcu: INFO: rcu_preempt detected expedited stalls, but suppressed full report due to a stuck CSD-lock.\n",
    );
    assert_eq!(
        (expedited.kind, expedited.cause),
        (Kind::Expedited, Cause::CsdLock)
    );
}

#[test]
fn seven_three_prints_a_letter_for_the_state() {
    let log = |state: &str| {
        format!(
            "[  30.100001] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
             [  30.100002] rcu: \t(detected by 0, t=21002 jiffies, g=9, q=1 ncpus=2)\n\
             [  30.100003] rcu: All QSes seen, last rcu_preempt kthread activity 20999 (4294713297-4294692298), jiffies_till_next_fqs=1, root ->qsmask 0x0\n\
             [  30.100004] rcu: rcu_preempt kthread timer wakeup didn't happen for 20998 jiffies! g9 f0x0 RCU_GP_WAIT_FQS(5) ->state={state}\n\
             [  30.100005] rcu: \tPossible timer handling issue on cpu=1 timer-softirq=7\n\
             [  30.100006] rcu: rcu_preempt kthread starved for 20999 jiffies! g9 f0x0 RCU_GP_WAIT_FQS(5) ->state={state} ->cpu=1\n"
        )
    };
    let sleeps = only(&log("I"));
    assert_eq!(
        (sleeps.cause, sleeps.timer_wakeup_jiffies),
        (Cause::GpKthreadTimerLost, Some(20998))
    );
    assert_eq!(sleeps.kthread_starved_jiffies, Some(20999));
    assert_eq!(only(&log("R")).cause, Cause::GpKthreadStarved);
    assert_eq!(only(&log("0x402")).cause, Cause::GpKthreadTimerLost);
    assert_eq!(only(&log("0x0")).cause, Cause::GpKthreadStarved);
}

#[test]
fn the_report_came_too_late() {
    let before = only(
        "[  42.974327] INFO: rcu_sched detected stalls on CPUs/tasks:\n\
         [  42.979839]  (detected by 0, t=2102 jiffies, g=4294967082, c=4294967081, q=516)\n\
         [  42.987169] INFO: Stall ended before state dump start\n",
    );
    assert_eq!(
        (before.cause, before.gp_seq),
        (Cause::Unknown, Some(4_294_967_082))
    );
    let during = only(
        "[  42.974327] rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-...D } 21020 jiffies s: 13 root: 0x2/.\n\
         [  42.979839] rcu: INFO: Expedited stall ended before state dump start\n",
    );
    assert_eq!(
        (during.stalled_cpus.as_slice(), during.gp_seq),
        (&[1][..], Some(13))
    );
}

#[test]
fn an_expedited_report_of_every_age() {
    for (text, cpus, tasks) in [
        (
            "INFO: rcu_sched detected expedited stalls on CPUs: { 3 5} 21119 jiffies s: 73\n",
            vec![3, 5],
            vec![],
        ),
        (
            "INFO: rcu_sched detected expedited stalls on CPUs/tasks: { 7-... } 21119 jiffies s: 73 root: 0x2/.\n",
            vec![7],
            vec![],
        ),
        (
            "rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { P12 1-...D P34 } 21119 jiffies s: 73 root: 0x2/T\n",
            vec![1],
            vec![12, 34],
        ),
        (
            "[    1.000000] rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: {\n[    1.000001]  1-...D\n[    1.000002]  P34\n[    1.000003]  } 21119 jiffies s: 73 root: 0x2/T\n",
            vec![1],
            vec![34],
        ),
        (
            "> rcu: INFO: rcu_preempt detected expedited stalls on CPUs/ta=\n> sks: { 7-.... } 21119 jiffies s: 73 root: 0x80/.\n",
            vec![7],
            vec![],
        ),
    ] {
        let episode = only(text);
        assert_eq!(
            (episode.kind, episode.elapsed_jiffies, episode.gp_seq),
            (Kind::Expedited, Some(21119), Some(73)),
            "{text}"
        );
        assert_eq!(
            (episode.stalled_cpus, episode.stalled_tasks),
            (cpus, tasks),
            "{text}"
        );
    }
}

#[test]
fn tiny_rcu_knows_one_cpu() {
    let episode = only(
        "[   60.000000] INFO: rcu_sched stall on CPU (6000 ticks this GP) idle=1 (t=6000 jiffies q=12)\n",
    );
    assert_eq!(
        (episode.kind, episode.stalled_cpus.as_slice()),
        (Kind::SelfDetected, &[0][..])
    );
    assert_eq!(
        (episode.ticks_this_gp[&0], episode.callbacks_queued),
        (6000, Some(12))
    );
}

#[test]
fn tasks_trace_had_a_printer_once() {
    let episode = only(
        "[   21.520291] INFO: rcu_tasks_trace detected stalls on tasks:\n\
         [   21.521292] P85: ... nesting: 1N cpu: 2\n\
         [   21.521966] task:rcu_torture_sta state:D stack:15080 pid:   85 ppid:     2 flags:0x00004000\n\
         [   21.523384] Call Trace:\n\
         [   21.523808]  __schedule+0x273/0x6e0\n\
         [   21.524428]  schedule+0x35/0xa0\n\
         [   21.526428]  rcu_torture_stall+0x24a/0x270\n",
    );
    assert_eq!(
        (episode.kind, episode.stalled_tasks.as_slice()),
        (Kind::Tasks, &[85][..])
    );
    assert_eq!(episode.culprit.as_deref(), Some("rcu_torture_stall"));
}

#[test]
fn the_oldest_page_of_the_kernel_prints_no_t() {
    let episode = only(
        "INFO: rcu_bh_state detected stalls on CPUs/tasks: { 3 5 } (detected by 2, 2502 jiffies)\n",
    );
    assert_eq!(
        (episode.flavor.as_str(), episode.elapsed_jiffies),
        ("rcu_bh_state", Some(2502))
    );
    assert_eq!(episode.stalled_cpus, [3, 5]);
}

#[test]
fn a_grace_period_may_lack_its_sign() {
    let episode = only(
        "[  284.751007] INFO: rcu_preempt detected stalls on CPUs/tasks: { 6} (detected by 1, t=14712 jiffies, g=18446744073709551344, c=18446744073709551343, q=2437)\n",
    );
    assert_eq!(episode.gp_seq, Some(-272));
}

#[test]
fn sparc_marks_the_cpu_that_reports() {
    let episode = only(
        "[1172309.960387] rcu: INFO: rcu_sched self-detected stall on CPU\n\
         [1172309.960606] rcu:   24-....: (27310 ticks this GP) idle=ade/1/0x4000000000000002 softirq=1/1 fqs=12044\n\
         [1172309.960804]        (t=27312 jiffies g=60946309 q=975185)\n\
         [1172309.960995]   CPU[ 20]: TSTATE[0000000080001601] TPC[000000000040770c] TNPC[0000000000407710] TASK[other:9857]\n\
         [1172309.961217]              TPC[innocent+0x8/0x20] O7[innocent+0x10/0x20] I7[0xf774ee3c] RPC[do_signal+0x1a0/0x560]\n\
         [1172309.961466] * CPU[ 24]: TSTATE[0000004480001602] TPC[0000000000af6410] TNPC[00000000004aac40] TASK[ctest:9870]\n\
         [1172309.961619]              TPC[do_sparc64_fault+0x570/0x820] O7[do_sparc64_fault+0x56c/0x820] I7[sparc64_realfault_common+0x10/0x20] RPC[0xf73a6e3c]\n",
    );
    assert_eq!(episode.culprit.as_deref(), Some("do_sparc64_fault"));
}
