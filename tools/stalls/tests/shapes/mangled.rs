// SPDX-License-Identifier: GPL-2.0

//! What consoles, mailers and people make of it.

use stalls::{Cause, Kind};

use crate::{only, read};

/// What a mailer leaves of a header is found whatever ends its line.
#[test]
fn a_header_is_wrapped_before_its_own_words() {
    for (text, elapsed) in [
        (
            "INFO:\nrcu_sched self-detected stall on CPU { 0}  (t=6000 jiffies g=1 c=0 q=5)\n",
            6000,
        ),
        (
            "INFO:\nrcu_sched_state detected stall on CPU 0 (t=15000 jiffies)\n",
            15000,
        ),
        ("INFO: RCU detected CPU 0 stall\n(t=1000 jiffies)\n", 1000),
        (
            "rcu:\nINFO: rcu_sched self-detected stall on CPU\n\
          rcu: 0-....: (2099 ticks this GP) idle=936/1/0x40000002 softirq=1/2 fqs=923\n\
          rcu: (t=2100 jiffies g=5 q=3)\n",
            2100,
        ),
    ] {
        for end in ["\n", " \n", "\r\n", " \r\n"] {
            for carrier in ["", "> ", "[  100.000000] ", "> [  100.000000] "] {
                let carried = format!("{carrier}{text}").replace('\n', end);
                let episode = only(&carried);
                assert_eq!(
                    (episode.line, episode.elapsed_jiffies, episode.stalled_cpus),
                    (1, Some(elapsed), vec![0]),
                    "{carried:?}"
                );
            }
        }
    }
    assert!(read("[  100.000000] INFO:\nrcu_torture: no stall is here\n").is_empty());
}

#[test]
fn a_header_is_wrapped_twice() {
    let episode = only(
        "> INFO: rcu_sched\n> detected stalls on CPUs/tasks: { 3} (detected by\n> 1, t=6002 jiffies, g=289, c=288, q=8)\n",
    );
    assert_eq!(
        (episode.stalled_cpus, episode.detected_by, episode.gp_seq),
        (vec![3], Some(1), Some(289))
    );
}

/// Who shortens a trace leaves the names, or loses a word between them.
#[test]
fn a_trace_is_names_alone() {
    let head = "rcu: INFO: rcu_sched self-detected stall on CPU\n\
        rcu:   18-....: (2099 ticks this GP) idle=54e/1/0x4000000000000002 softirq=3/3 fqs=998\n\
        rcu:   (t=2100 jiffies g=155 q=20)\n";
    let culprit = |trace: &str| only(&format!("{head}{trace}")).culprit;
    let names = "Call Trace:\nsched_show_task\nrcu_sched_clock_irq\nupdate_process_times\n\
        tick_sched_timer\nhrtimer_interrupt\ndo_IRQ\next_int_handler\nptep_zap_key\nTry again.\n";
    assert_eq!(culprit(names).as_deref(), Some("ptep_zap_key"));
    // Words are no trace, unless it begins with who reports.
    assert_eq!(culprit("Call Trace:\nptep_zap_key\nThanks\n"), None);
    let torn =
        "Backtrace:\n[<c05a3ea0>] (exec_cmd) (read_reg)\n[<c05a5488>] (read_reg) from (read_sr)\n";
    assert_eq!(culprit(torn).as_deref(), Some("exec_cmd"));
    let modules = "Backtrace:\n[<c0101a2c>] (__irq_svc) from [<bf1c6c74>] (reset+0x9c/0x1d8 [xhci_hcd])\n\
        [<bf1c6c74>] (reset [xhci_hcd]) from [<bf1c7568>] (setup+0x1e8/0x480 [xhci_hcd])\n\
        [<bf1c7568>] (setup [xhci_hcd]) from [<c05b6f68>] (usb_add_hcd+0x258/0x764)\n";
    assert_eq!(culprit(modules).as_deref(), Some("reset"));
}

/// Another CPU prints between an old kernel's header and its list.
#[test]
fn an_old_list_comes_late() {
    let episode = only(
        "[  111.664002] INFO: rcu_sched self-detected stall on CPU[  111.676008] INFO: r)\n\
         [  111.676018] sending NMI to all CPUs:\n\
         [  111.664002]  { 1}  (t=5733 jiffies g=359 c=358 q=18)\n",
    );
    assert_eq!(
        (
            episode.stalled_cpus,
            episode.elapsed_jiffies,
            episode.interleaved
        ),
        (vec![1], Some(5733), true)
    );
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

#[test]
fn a_narrow_mail_wraps_a_line_twice() {
    let episode = only(
        ">>>>>>>> [Tue Jul 16 11:36:40 2024] rcu: INFO: rcu_sched self-\n\
         >>>>>>>> detected stall on CPU\n\
         >>>>>>>> [Tue Jul 16 11:36:40 2024] rcu:  13-....: (20997 ticks this\n\
         >>>>>>>> GP) idle=54f/1/0x4000000000000000 softirq=319/319\n\
         >>>>>>>> fqs=4433\n\
         >>>>>>>> [Tue Jul 16 11:36:40 2024]  (t=21017 jiffies g=1949\n\
         >>>>>>>> q=5715)\n",
    );
    assert_eq!(
        (episode.ticks_this_gp[&13], episode.gp_seq),
        (20997, Some(1949))
    );
    assert!(
        episode
            .evidence
            .iter()
            .any(|quote| quote.text.ends_with("fqs=4433"))
    );
}

#[test]
fn a_wrapped_line_breaks_behind_a_number_or_a_colon() {
    let timer = only(
        "> rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
         > rcu:     Tasks blocked on level-0 rcu_node (CPUs 0-15):\n\
         > P83/1:b..l P57/3:b..l\n\
         > rcu:     (detected by 14, t=147008 jiffies, g=355917, q=9582 ncpus=16)\n\
         > rcu: rcu_preempt kthread timer wakeup didn't happen for 63002\n\
         > jiffies! g355917 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x402\n",
    );
    assert_eq!(timer.stalled_tasks, [83, 57]);
    assert_eq!(timer.timer_wakeup_jiffies, Some(63002));
}

/// What is to be read of an episode, wherever a mailer wrapped it.
fn read_of(episode: &stalls::Episode) -> serde_json::Value {
    let mut value = serde_json::to_value(episode).expect("serializable");
    let fields = value.as_object_mut().expect("an object");
    for words in ["evidence", "explanation", "next_steps", "companions"] {
        fields.remove(words);
    }
    value
}

/// The same, of a log that comes in pieces.
fn in_pieces(log: &str) -> Vec<serde_json::Value> {
    let mut scanner = stalls::Scanner::new();
    let pieces = log.as_bytes().chunks(13);
    let mut found: Vec<_> = pieces.flat_map(|piece| scanner.feed(piece)).collect();
    found.extend(scanner.finish());
    found.iter().map(read_of).collect()
}

#[test]
fn a_mailer_may_wrap_at_any_blank() {
    let reports = [
        &[
            "rcu: INFO: rcu_preempt self-detected stall on CPU",
            "rcu: 2-...!: (5248 ticks this GP) idle=d1f4/1/0x4000000000000000 softirq=1552/1553 fqs=0",
            "rcu: (t=5250 jiffies g=1269 q=784 ncpus=6)",
            "rcu: rcu_preempt kthread timer wakeup didn't happen for 5249 jiffies! g1269 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x402",
            "rcu: Possible timer handling issue on cpu=4 timer-softirq=296",
            "rcu: rcu_preempt kthread starved for 5250 jiffies! g1269 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x402 ->cpu=4",
            "CPU: 2 UID: 0 PID: 237 Comm: (udev-worker) Not tainted 6.11.0 #1",
            "pc : spins+0x468/0x6b8",
        ][..],
        &[
            "INFO: rcu_preempt detected stalls on CPUs/tasks:",
            "Tasks blocked on level-0 rcu_node (CPUs 0-7): P1139",
            "(detected by 2, t=60002 jiffies, g=469992, c=469991, q=109361)",
            "Task dump for CPU 2:",
            " [<ffffffffa1159d7d>] ? spins+0x3d/0x90",
        ],
        &[
            "rcu: INFO: rcu_sched detected stalls on CPUs/tasks:",
            "(detected by 0, t=15002 jiffies, g=29568801, q=103)",
            "rcu: All QSes seen, last rcu_sched kthread activity 15000 (4375056330-4375041330), jiffies_till_next_fqs=1, root ->qsmask 0x0",
            "rcu: rcu_sched kthread starved for 15000 jiffies! g29568801 f0x2 RCU_GP_WAIT_FQS(5) ->state=0x200 ->cpu=3",
        ],
        &[
            "rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 0-.... } 25000 jiffies s: 669 root: 0x1/.",
            "NMI backtrace for cpu 0",
            "RIP: 0010:spins+0x3f/0x90",
        ],
    ];
    let mut failed = Vec::new();
    for carrier in [
        "[  122.977628] ",
        "Nov  8 14:37:24 host kernel: [  122.977628] ",
        "<3>[  122.977628] ",
    ] {
        for lines in reports {
            let stamped: Vec<String> = lines
                .iter()
                .map(|line| format!("{carrier}{line}\n"))
                .collect();
            let whole = vec![read_of(&only(&stamped.concat()))];
            for (at, line) in stamped.iter().enumerate() {
                // A header that lost its name is no line of RCU's any more.
                let nameless = |blank: usize| {
                    line[..blank].ends_with(": INFO:") || line[..blank].ends_with("] INFO:")
                };
                for (blank, _) in line.match_indices(' ') {
                    if blank < carrier.len()
                        || line[..blank].ends_with("] pc")
                        || nameless(blank) && !line.contains("rcu: ")
                    {
                        continue;
                    }
                    let mut wrapped = stamped.clone();
                    wrapped[at].replace_range(blank..=blank, "\n");
                    let found: Vec<_> = read(&wrapped.concat()).iter().map(read_of).collect();
                    if found != whole || in_pieces(&wrapped.concat()) != whole {
                        failed.push(wrapped[at].clone());
                    }
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn quoted_printable_breaks_before_a_blank_and_inside_a_frame() {
    let episode = only(
        "[  611.520537] rcu: INFO: rcu_sched self-detected stall on CPU\n\
         [  611.520992] rcu:    0-....: (5998 ticks this GP) idle=3Dace/1/0x4000000000000004 softirq=3D1/1 fqs=3D73\n\
         [  611.521721]         (t=3D6000 jiffies g=3D83505=\n q=3D2615)\n\
         [  611.585641] Call Trace:\n\
         [  611.636637]  rcu_sched_clock_irq.cold+0x1b1/0x3=\na6\n\
         [  611.653707]  update_process_times+0x5b/0x90\n\
         [  611.707293] RIP:\n0010:native_queued_spin_lock_slowpath+0x63/0x1d0\n\
         [  611.872654]  _raw_spin_lock+0x15/0x20\n\
         [  611.883227]  takes_a_lock+0x3a5/=\n0x6d0 [module]\n\
         [  612.088957] RIP: 0033:0x55e6e4\n",
    );
    assert_eq!(
        (episode.gp_seq, episode.callbacks_queued),
        (Some(83505), Some(2615))
    );
    assert_eq!(episode.culprit.as_deref(), Some("takes_a_lock"));
}

#[test]
fn sysklogd_writes_a_tab_as_two_characters() {
    let episode = only(
        "Jan  2 11:13:19 box kernel: [ 6668.795062] rcu: INFO: rcu_preempt self-detected stall on CPU\n\
         Jan  2 11:13:19 box kernel: [ 6668.795067] rcu: ^I0-....: (5 ticks this GP) idle=220c/1/0x4000000000000000 softirq=1/1 fqs=2376\n\
         Jan  2 11:13:19 box kernel: [ 6668.795072] rcu: ^I(t=5250 jiffies g=67605 q=771 ncpus=8)\n",
    );
    assert_eq!((episode.stalled_cpus[0], episode.ncpus), (0, Some(8)));
}

#[test]
fn two_consoles_in_one_log_are_one_report() {
    let episode = only(
        "<3>INFO: rcu_preempt detected stalls on CPUs/tasks:[  195.089380] INFO: rcu_preempt detected stalls on CPUs/tasks:<c>\n\
         \n\
         <3>     0: (1 GPs behind) idle=07b/140000000000000/0 drain=0 . timer=-1\n\
         [  195.101500]  0: (1 GPs behind) idle=07b/140000000000000/0 drain=0 . timer=-1\n\
         <3>     [  195.108896]  <c>(detected by 1, t=96056 jiffies)\n\
         (detected by 1, t=96056 jiffies)\n",
    );
    assert_eq!(
        (episode.stalled_cpus.as_slice(), episode.elapsed_jiffies),
        (&[0][..], Some(96056))
    );
}

#[test]
fn twins_have_their_cpus_each() {
    let line = |text: &str| format!("[32783.829356] {text}\n[32783.829356] {text}\n");
    let twins = read(
        &(line("rcu: INFO: rcu_sched detected stalls on CPUs/tasks:")
            + &line(
                "rcu: \t0-...!: (1 GPs behind) idle=00e/1/0x4000000000000002 softirq=9/9 fqs=0",
            )
            + &line("(detected by 0, t=5252 jiffies, g=628645, q=403)")),
    );
    assert_eq!(twins.len(), 2);
    for twin in twins {
        assert_eq!(
            (twin.stalled_cpus.as_slice(), twin.elapsed_jiffies),
            (&[0][..], Some(5252))
        );
    }
}

#[test]
fn two_headers_come_before_the_lines_of_cpus() {
    let read = |cpus: &[&str]| {
        let cpu = |number: &&str| {
            format!(
                "kernel: \t{number}-...: (1 GPs behind) idle=fcd/140000000000001/0 softirq=9/10 fqs=0\n"
            )
        };
        let cpus: String = cpus.iter().map(cpu).collect();
        let log = format!(
            "kernel: INFO: rcu_sched self-detected stall on CPU\n\
             kernel: INFO: rcu_sched detected stalls on CPUs/tasks:\n\
             {cpus}\
             kernel: \t(detected by 2, t=8043 jiffies, g=5, c=4, q=9)\n\
             kernel: \t (t=8045 jiffies g=5 c=4 q=9)\n"
        );
        let log = log.replace("kernel: ", "Jul 28 04:24:10 host kernel: ");
        let reports = crate::read(&log);
        assert!(reports.iter().all(|report| report.interleaved));
        let cpus = |at: usize| reports[at].stalled_cpus.clone();
        (cpus(0), cpus(1))
    };
    // The list is that of the report that lists CPUs; who reports itself is on it.
    assert_eq!(read(&["0"]), (vec![0], vec![0]));
    assert_eq!(read(&["0", "1"]), (vec![], vec![0, 1]));
    // Its own line comes again.
    assert_eq!(read(&["0", "1", "1"]), (vec![1], vec![0, 1]));
}

#[test]
fn a_header_over_a_longer_line_of_a_terminal() {
    let over = "[ 1193.212038] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:max-time=5 run; done      \n";
    let episode = only(&format!(
        "{over}[ 1193.218757] rcu: \t4-....: (9 ticks this GP) idle=17c/1/0x4000000000000000 softirq=9/9 fqs=1\n"
    ));
    assert!(episode.interleaved);
    assert_eq!(episode.stalled_cpus, [4]);
    // Without a detail that is talk.
    assert!(read(over).is_empty());
}

#[test]
fn other_programs_print_between_header_and_cpus() {
    let episode = only(
        "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
         systemd[1]: a.service: Main process exited,\n\
         code=killed, status=6/ABRT\n\
         systemd[1]: a.service: Failed with result 'watchdog'.\n\
         systemd[1]: a.service: Scheduled restart job, restart\n\
         counter is at 1.\n\
         rcu: 0-...0: (4 ticks this GP) idle=c6ec/1/0x4000000000000000\n\
         softirq=1263/1265 fqs=4551\n\
         rcu: (detected by 5, t=355128 jiffies, g=2045, q=163 ncpus=8)\n",
    );
    assert_eq!((episode.stalled_cpus[0], episode.gp_seq), (0, Some(2045)));
}

#[test]
fn bold_lines_and_question_marks_for_tabs() {
    let bold = only(
        "**Nov 22 15:15:51 box kernel: [95702.692949] rcu: INFO: rcu_sched self-detected stall on CPU**\n\
         Nov 22 15:15:51 box kernel: [95702.692952] rcu:    9-....: (595 GPs behind) idle=b4e/1/0x4000000000000002 softirq=9/9 fqs=7499\n\
         **Nov 22 15:15:51 box kernel: [95702.692952]   (t=15000 jiffies g=10111845 q=5516)**\n",
    );
    assert_eq!((bold.gps_behind[&9], bold.gp_seq), (595, Some(10_111_845)));
    let marks = only(
        "[   31.875576] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\
         [   32.017394] rcu: ?7-...0: (14 ticks this GP) idle=3c14/1/0x4000000000000000 softirq=936/941 fqs=1298\n\
         [   32.026515] rcu: ?(detected by 5, t=6503 jiffies, g=-383, q=816 ncpus=8)\n",
    );
    assert_eq!((marks.ticks_this_gp[&7], marks.ncpus), (14, Some(8)));
}
