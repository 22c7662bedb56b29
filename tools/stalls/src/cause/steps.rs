// SPDX-License-Identifier: GPL-2.0

//! What to do about each cause.

use super::Case;
use crate::model::Cause;

impl Case<'_> {
    pub(super) fn steps(&self, cause: Cause) -> Vec<String> {
        let cpu = self.report.cpus.first().copied().unwrap_or(0);
        let function = self.context.culprit.unwrap_or("the function on the stack");
        let steps: Vec<String> = match cause {
            Cause::ReaderTooLong => vec![
                format!("Look at the loop around {function}: leave the reader (rcu_read_unlock()) now and then, or walk a part at a time."),
                "Where the reader must be that long, or must sleep, use SRCU.".into(),
            ],
            Cause::PreemptedReader => vec![
                "See who keeps the task off the CPU: `ps -eLo pid,cls,rtprio,psr,stat,wchan:30,comm --sort=-rtprio`.".into(),
                "Build with CONFIG_RCU_BOOST=y, so that a preempted reader is boosted past real-time tasks.".into(),
                "A reader that sleeps is a bug: run with CONFIG_PROVE_RCU=y and CONFIG_DEBUG_ATOMIC_SLEEP=y.".into(),
            ],
            Cause::IrqsOff => vec![
                format!("Look at {function}: what it does between local_irq_save() or spin_lock_irqsave() and the end of that, and on which lock it waits."),
                format!("Record who turns interrupts off: `echo irqsoff > /sys/kernel/tracing/current_tracer` (CONFIG_IRQSOFF_TRACER=y), then read trace; CPU {cpu} counts."),
                "On real hardware also suspect firmware (SMI): run the hwlat tracer. In a guest, look whether the host ran the vCPU (steal time).".into(),
            ],
            Cause::PreemptOff => vec![
                format!("Look at the loop around {function}: put cond_resched() in, or do less at a time."),
                "On a kernel without preemption every long loop does this: try preempt=full or preempt=lazy on the command line.".into(),
            ],
            Cause::InterruptStorm => vec![
                format!("See which one it is: compare two readings of /proc/interrupts and /proc/softirqs for CPU {cpu}, and nr_hangs and max_hang_time in /proc/timer_list."),
                format!("If it is a timer, {function} must forward its expiry past now (hrtimer_forward_now()), not by one interval; lengthen the interval."),
                "Boot with rcupdate.rcu_cpu_stall_cputime=1: the next report then counts interrupts and softirqs.".into(),
            ],
            Cause::GpKthreadStarved => vec![
                "See what has that CPU: `ps -eLo pid,cls,rtprio,psr,pcpu,comm --sort=-rtprio`; a real-time task that never sleeps is the usual one.".into(),
                "Boot with rcutree.kthread_prio=N above it, keep RT throttling on (kernel.sched_rt_runtime_us), or move the hog.".into(),
                "In a guest, look at the host: steal time, overcommit, a vCPU that is not scheduled.".into(),
            ],
            Cause::GpKthreadTimerLost => vec![
                "Look whether timers fire on that CPU: `grep -A3 LOC /proc/interrupts` twice, and /proc/timer_list for it.".into(),
                "In a guest, suspect the host's timer or a vCPU that does not run; on hardware, a clockevent that stops in deep idle: try idle=poll or processor.max_cstate=1 as a test.".into(),
            ],
            Cause::TickOff => vec![
                "See nohz_full= and isolcpus= on the command line: a kernel loop on such a CPU needs cond_resched() for RCU's sake.".into(),
                format!("Look at {function}: does it stay in the kernel for seconds?"),
            ],
            Cause::VmPaused => vec![
                "Look at the host: was the guest paused, saved, migrated, or starved at that time?".into(),
                "If it is only that, nothing is wrong in the guest; a paravirtual clock (kvm-clock) lets the kernel know and keep quiet.".into(),
                "Raise rcupdate.rcu_cpu_stall_timeout (at most 300 s) where such pauses are normal.".into(),
            ],
            Cause::TimeoutTooSmall => vec![
                "Raise it: rcupdate.rcu_exp_cpu_stall_timeout=21000 (in ms; 0 takes the normal timeout's value).".into(),
                format!("If the delay itself matters to you, {function} is what was slow."),
            ],
            Cause::SlowConsole => vec![
                "Print less: lower the console's log level (`dmesg -n 4`, or loglevel=4), and see what prints so much.".into(),
                "Use a faster line (console=ttyS0,115200 or more), or netconsole; a console driver with nbcon prints from a kthread.".into(),
            ],
            Cause::StuckCallback => vec![
                format!("Look at {function}: a callback must be short, may not sleep, and holds up all others behind it."),
                "Move long work out of it with queue_rcu_work().".into(),
            ],
            Cause::CsdLock => vec![
                "Find the CPU that does not answer: boot with csdlock_debug=1 (CONFIG_CSD_LOCK_WAIT_DEBUG=y), and read its stack.".into(),
                "It has interrupts off, or does not run: treat it as that.".into(),
            ],
            Cause::Tasks => vec![
                format!("Look at {function}: a kthread's loop needs cond_resched_tasks_rcu_qs(), or to sleep now and then."),
                "Who waits is mostly tracing or BPF (a trampoline to be freed): it hangs until the task yields.".into(),
            ],
            Cause::OfflineCpu => vec!["Report it to the RCU maintainers with the whole log, and try the newest kernel.".into()],
            Cause::Unknown => vec![
                "Get a longer log: the lines that follow the header, up to the stacks, and all repeats.".into(),
                "Boot with rcupdate.rcu_cpu_stall_cputime=1, and let it happen again.".into(),
            ],
        };
        let mut steps = steps;
        if cause == Cause::PreemptOff && self.report.cpu_lines.iter().any(|cpu| cpu.rcuc.is_some())
        {
            steps.insert(0, format!("See who keeps rcuc/{cpu} off the CPU: `ps -eLo pid,cls,rtprio,psr,pcpu,comm --sort=-rtprio`; boot with rcutree.kthread_prio=N above it."));
        }
        steps
            .push("Field by field: Documentation/RCU/stallwarn.rst in the kernel's source.".into());
        steps
    }
}
