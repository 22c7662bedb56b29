// SPDX-License-Identifier: GPL-2.0

//! What consoles, mailers and people make of it.

use stalls::{Cause, Kind};

use crate::{only, read};

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
fn a_header_at_the_end_of_a_log_counts() {
    assert!(only("[   50.583499] INFO: rcu_sched self-detected stall on CPU\n").truncated);
    assert!(
        only("[   72.159680] INFO: rcu_sched detected expedited stalls on CPUs/tasks: {\n")
            .truncated
    );
    assert!(only("rcu: INFO: rcu_preempt self-detected stall on CPU").truncated);
}
