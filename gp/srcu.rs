// SPDX-License-Identifier: GPL-2.0

//! The file `srcu`: where the grace periods of SRCU domains are, this module's and the kernel's own.

use super::counters::Counters;
use crate::own;
use core::fmt;
use wrappers::rcu_state::{
    tasks_trace_readers,
    Special, //
};

pub(super) fn show(_: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(
        f,
        "# Each of our modules shows its own in its own directory; here also the kernel's domain of"
    )?;
    writeln!(f, "# RCU Tasks Trace; -: this kernel was built without it")?;
    own::show_domains(f)?;
    let name = "rcu_tasks_trace";
    match Special::TasksTrace.seq().zip(tasks_trace_readers()) {
        Some((seq, readers)) => own::show_domain(f, name, seq, readers),
        None => writeln!(f, "{name:<24} {:>12} {:>12} {:>9}  -", "-", "-", "-"),
    }
}
