// SPDX-License-Identifier: GPL-2.0

//! What must not be taken for a stall.

use crate::{only, read};

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
