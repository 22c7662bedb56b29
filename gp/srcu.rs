// SPDX-License-Identifier: GPL-2.0

//! The file `srcu`: where the grace periods of SRCU domains are, this module's and the kernel's own.

use super::{
    counters::Counters,
    tasks::row, //
};
use core::fmt;
use rcu::srcu::domains;
use wrappers::rcu_state::Special;

pub(super) fn show(_: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(
        f,
        "# grace periods of the SRCU domains of this module, and of RCU Tasks Trace's; -: this"
    )?;
    writeln!(f, "# kernel was built without it")?;
    writeln!(
        f,
        "{:<24} {:>12} {:>12}  state",
        "domain", "seq", "completed"
    )?;
    domains(|name, seq| row(f, name.to_str().unwrap_or("?"), Some(seq)))?;
    row(f, "rcu_tasks_trace", Special::TasksTrace.seq())
}
