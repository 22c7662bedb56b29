// SPDX-License-Identifier: GPL-2.0

//! Shapes that are rare in the wild, printed after the format strings of the kernel's source; and
//! what must not be taken for a stall.
//!
//! Synthetic, all of it: real logs are in `tests/logs`.

use stalls::{Cause, Confidence, Episode, Kind};

fn read(text: &str) -> Vec<Episode> {
    stalls::explain(text.as_bytes()).expect("reading memory does not fail")
}

fn only(text: &str) -> Episode {
    let mut episodes = read(text);
    assert_eq!(episodes.len(), 1, "{text}\n{episodes:#?}");
    episodes.remove(0)
}

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
fn a_mailer_wrapped_the_lines() {
    let episode = only(
        "> [  344.082652] INFO: rcu_sched self-detected stall on CPU { 2}  (t=16250\n\
         > jiffies g=16088 c=16087 q=6192)\n\
         > [  344.082671] Task dump for CPU 2:\n",
    );
    assert_eq!(
        (
            episode.elapsed_jiffies,
            episode.gp_seq,
            episode.callbacks_queued
        ),
        (Some(16250), Some(16088), Some(6192))
    );
    let table = only(
        "> [ 2166.893057] rcu: INFO: rcu_sched self-detected stall on CPU\n\
         > [ 2166.904199] rcu:     71-....: (20999 ticks this GP)\n\
         > idle=3D2c84/1/0x4000000000000000 softirq=3D30158/30158 fqs=3D8110\n\
         > [ 2166.923810] rcu:              hardirqs   softirqs   csw/system\n\
         > [ 2166.934939] rcu:      number:        0        183            0\n\
         > [ 2166.946064] rcu:     cputime:       60          0        10438\n\
         > =3D=3D> 10549(ms)\n\
         > [ 2166.959969] rcu:     (t=3D21065 jiffies g=3D369217 q=3D207850 ncpus=3D=\n\
         > 80)\n",
    );
    assert_eq!(
        (table.elapsed_jiffies, table.ncpus, table.hz),
        (Some(21065), Some(80), Some(1000))
    );
    assert_eq!(
        (table.ticks_this_gp[&71], table.cause),
        (20999, Cause::PreemptOff)
    );
}

#[test]
fn two_cpus_print_into_one_line() {
    let episodes = read(
        "[  100.000001] INFO: rcu_sched self-detected stall on CPUINFO: rcu_sched detected stalls on CPUs/tasks: { 1} (detected by 0, t=60002 jiffies, g=5, c=4, q=1)\n\t1: (60000 ticks this GP) idle=94b/140000000000001/0\n\t (t=60002 jiffies)\n",
    );
    assert_eq!(episodes.len(), 2);
    assert_eq!(
        (episodes[0].kind, episodes[0].elapsed_jiffies),
        (Kind::SelfDetected, Some(60002))
    );
    assert_eq!(
        (episodes[1].kind, episodes[1].detected_by),
        (Kind::Detected, Some(0))
    );
    let torn = only(
        "Starting co[  100.000001] rcu: INFO: rcu_preempt self-detected stall on CPU\n[  100.000002] rcu: \t1-....: (5 ticks this GP) idle=e1cc/1/0x4000000000000000 softirq=9/9 fqs=27\n",
    );
    assert!(torn.interleaved);
    assert_eq!(torn.timestamp, Some(100.000_001));
}

#[test]
fn an_unknown_prefix_before_the_kernels_time() {
    let episode = only(
        "12:00:01 runner-7 #4 [stage 3/9] [  100.000001] rcu: INFO: rcu_sched self-detected stall on CPU\n\
         12:00:01 runner-7 #4 [stage 3/9] [  100.000002] rcu: \t5-....: (50 ticks this GP) idle=e1cc/1/0x4000000000000000 softirq=9/9 fqs=27\n\
         12:00:01 runner-7 #4 [stage 3/9] [  100.000003] rcu: \t(t=5250 jiffies g=377761 q=55 ncpus=8)\n",
    );
    assert_eq!(
        (episode.timestamp, episode.gp_seq),
        (Some(100.000_001), Some(377_761))
    );
    assert!(!episode.interleaved);
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
fn a_forum_and_a_hand_leave_their_marks() {
    let forum = only(
        "[COLOR=#000000][FONT=Arial]Nov 18 23:01:43 box kernel: [6175233.904302] INFO: rcu_bh detected stall on CPU 2 (t=0 jiffies) [/FONT][/COLOR]\n",
    );
    assert_eq!(
        (forum.elapsed_jiffies, forum.cause),
        (Some(0), Cause::Unknown)
    );
    let hand = only(
        "[108.84] INFO: rcu_sched self-detected stall on CPU {7} (t = 15000 jiffies g=649 c=648 q=0)\n",
    );
    assert_eq!(
        (hand.stalled_cpus.as_slice(), hand.gp_seq),
        (&[7][..], Some(649))
    );
}

#[test]
fn a_whole_report_on_one_line() {
    let episode = only(
        "INFO: rcu_sched self-detected stall on CPU 2-...: (14999 ticks this GP) idle=94b/140000000000001/0 softirq=1/2 fqs=7 (t=15000 jiffies g=5 c=4 q=3)\n",
    );
    assert_eq!(
        (episode.ticks_this_gp[&2], episode.elapsed_jiffies),
        (14999, Some(15000))
    );
}

#[test]
fn callers_keep_two_reports_apart() {
    let episodes = read(
        "[  100.000001][    C1] rcu: INFO: rcu_sched self-detected stall on CPU\n\
         [  100.000001][    C5] rcu: INFO: rcu_sched self-detected stall on CPU\n\
         [  100.000002][    C5] rcu: \t5-....: (50 ticks this GP) idle=e1cc/1/0x4000000000000000 softirq=9/9 fqs=27\n\
         [  100.000002][    C1] rcu: \t1-....: (10 ticks this GP) idle=e1cc/1/0x4000000000000000 softirq=9/9 fqs=27\n\
         [  100.000003][    C5] rcu: \t(t=5250 jiffies g=377761 q=55 ncpus=8)\n\
         [  100.000003][    C1] rcu: \t(t=5251 jiffies g=377761 q=11 ncpus=8)\n",
    );
    assert_eq!(
        (
            episodes[0].stalled_cpus.as_slice(),
            episodes[0].callbacks_queued
        ),
        (&[1][..], Some(11))
    );
    assert_eq!(
        (
            episodes[1].stalled_cpus.as_slice(),
            episodes[1].callbacks_queued
        ),
        (&[5][..], Some(55))
    );
    assert!(!episodes[0].interleaved);
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
fn a_header_at_the_end_of_a_log_counts() {
    assert!(only("[   50.583499] INFO: rcu_sched self-detected stall on CPU\n").truncated);
    assert!(
        only("[   72.159680] INFO: rcu_sched detected expedited stalls on CPUs/tasks: {\n")
            .truncated
    );
    assert!(only("rcu: INFO: rcu_preempt self-detected stall on CPU").truncated);
}

#[test]
fn talk_is_no_stall() {
    for text in [
        "The message \"INFO: rcu_sched self-detected stall on CPU\" means that a CPU loops.\n",
        "rcu_sched self-detected stall on CPU\nis what I see, what now?\n",
        "I get rcu: INFO: rcu_preempt self-detected stall on CPU on my machine.\n",
        "When a CPU detects a stall it prints::\n\n\tINFO: rcu_sched detected stalls on CPUs/tasks:\n\t2-...: (3 GPs behind) idle=06c/0/0 softirq=1453/1455 fqs=0\n",
        "An RCU-tasks stall warning starts with the line:\n\n\t\tINFO: rcu_tasks detected stalls on tasks:\n\nAnd continues with the output of sched_show_task() for each\ntask stalling the current RCU-tasks grace period.\nMore text follows here.\n",
        "\tpr_err(\"INFO: %s self-detected stall on CPU\\n\", rcu_state.name);\n\tpr_err(\"INFO: rcu_tasks detected stalls on tasks:\\n\");\n",
        "    cases = ['rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:',\n             'rcu: INFO: rcu_preempt self-detected stall on CPU',\n",
        "        compile(\"INFO: rcu_preempt self-detected stall on CPU\"),\n",
        "    \"[  978.301220] INFO: rcu_sched self-detected stall on CPU { 1}  (t=5250 jiffies g=4294 c=4293 q=880)\\n\"\n",
        "    '[   99.125000] rcu: INFO: rcu_sched detected stalls on CPUs/tasks:',\n",
        "Subject: Re: [BUG?] INFO: rcu_sched detected expedited stalls on CPUs/tasks: { 0-.... } 3 jiffies s: 309 root: 0x1/.\n",
        "INFO: rcu detected stall in corrupted\n",
        "    rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: ...\n",
        "rcu_tasks_wait_gp: rcu_tasks grace period number 85 (since boot) is 10658 jiffies old.\n",
        "[  100.000000] rcu-torture: rtc: 00000000 ver: 123 tfle: 0 rta: 124 rtaf: 0 rtf: 114 rtmbe: 0 rtmbkf: 0/0 rtbe: 0 rtbke: 0 rtbre: 0 rtbf: 0 rtb: 0 nt: 4711 onoff: 0/0:0/0 -1,0:-1,0 0:0 (HZ=1000) barrier: 0/0:0 read-exits: 0 nocb-toggles: 0:0\n[  100.000001] rcu-torture: rcu_torture_stall start on CPU 1.\n",
        "[  100.000000] watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [cc1plus:171665]\n",
        "[  100.000000] INFO: task jbd2/vda1-8:722 blocked for more than 120 seconds.\n",
        "",
        "\n\n\n",
    ] {
        assert_eq!(read(text), [], "{text}");
    }
}

#[test]
fn the_kernels_own_page_is_talk() {
    // The page quotes a report under a literal block; with a log's prefix the same is a stall.
    let page = "will print a message similar to the following::\n\n\tINFO: rcu_sched detected stalls on CPUs/tasks:\n\t2-...: (3 GPs behind) idle=06c/0/0 softirq=1453/1455 fqs=0\n\t16-...: (0 ticks this GP) idle=81c/0/0 softirq=764/764 fqs=0\n\t(detected by 32, t=2603 jiffies, g=7075, q=625)\n\nThis message indicates that CPU 32 detected\n";
    assert_eq!(read(page), []);
    assert_eq!(only(&page.replace("::\n", ":\n")).stalled_cpus, [2, 16]);
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
