// SPDX-License-Identifier: GPL-2.0

//! The file `tasks`: where the grace periods of RCU's Tasks flavours are.

use super::{
    counter::Known,
    counters::Counters, //
};
use core::fmt;
use wrappers::rcu_state::Special;

pub(super) fn show(_: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(
        f,
        "# grace periods of RCU Tasks; -: this kernel was built without the flavour"
    )?;
    writeln!(
        f,
        "{:<24} {:>12} {:>12}  state",
        "flavour", "seq", "completed"
    )?;
    for (name, flavour) in [
        ("tasks", Special::Tasks),
        ("tasks-rude", Special::TasksRude),
        ("tasks-trace", Special::TasksTrace),
    ] {
        row(f, name, flavour.seq())?;
    }
    Ok(())
}

/// A row of a table of sequence numbers.
pub(super) fn row(f: &mut fmt::Formatter<'_>, name: &str, seq: Option<usize>) -> fmt::Result {
    let state = |seq| if seq & 3 == 0 { "idle" } else { "in-flight" };
    writeln!(
        f,
        "{name:<24} {:>12} {:>12}  {}",
        Known(seq.map(|seq| seq as isize)),
        Known(seq.map(|seq| (seq as isize) >> 2)),
        Known(seq.map(state)),
    )
}
