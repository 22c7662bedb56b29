// SPDX-License-Identifier: GPL-2.0

//! The catalogue: one file and one line a scenario.

use crate::scenario::Scenario;

mod grace_period;
mod unreported;

pub(crate) use grace_period::start_grace_period;

macro_rules! catalogue {
    ($($file:ident,)*) => {
        $(mod $file;)*

        /// All scenarios.
        pub(crate) static ALL: &[&Scenario] = &[$(&$file::SCENARIO,)*];
    };
}

catalogue! {
    // A task or a CPU that a grace period waits for.
    reader,
    reader_preempted,
    preempt_off,
    bh_off,
    softirq_loop,
    irqs_off,
    cpu_dead,
    printk_flood,
    tick_off,
    slow_interrupt,
    hrtimer_storm,
    stuck_callback,
    rt_hog,
    csd_lock,
    watch,
    // RCU's own kthread.
    gp_kthread_blocked,
    gp_kthread_starved,
    timer_wakeup_lost,
    kick,
    // Other kinds of grace periods.
    expedited_reader,
    expedited_irqs_off,
    tasks,
    // Silence.
    tasks_trace,
    srcu,
    long_srcu_reader,
    callback_flood,
    no_gp,
    lazy_loop,
    idle,
}

/// Returns the scenario called `name`.
pub(crate) fn find(name: &str) -> Option<&'static Scenario> {
    ALL.iter().copied().find(|scenario| scenario.name == name)
}
