// SPDX-License-Identifier: GPL-2.0

//! The files `counters` and `srcu`, of each of our modules: what it gave to RCU, and its domains.

use kernel::{
    fmt,
    prelude::*, //
};
use wrappers::debugfs::ScopedDir;

/// A module has one account, so the files have no state of their own.
static MODULE: () = ();

/// Shows what is this module's own in `dir`.
pub(crate) fn files(dir: &ScopedDir<'_>) {
    dir.read_callback_file(c"counters", &MODULE, &|(), f| show_counters(f));
    dir.read_callback_file(c"srcu", &MODULE, &|(), f| show_domains(f));
}

fn show_counters(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let account = rcu::retirements();
    // In this order, so that what has run is never more than what was queued.
    let pending = account.outstanding();
    let queued = account.total();
    let waited = account.waited();
    let mut readers = 0;
    rcu::srcu::domains(|domain| {
        readers += domain.readers;
        Ok(())
    })?;
    for line in [
        "# what this module retired: through callbacks that run code of its own, and by waiting",
        "# for a grace period; readers: in its SRCU domains now, nobody counts those of vanilla RCU",
    ] {
        writeln!(f, "{line}")?;
    }
    writeln!(f, "retired {}", queued + waited)?;
    writeln!(f, "callbacks_queued {queued}")?;
    writeln!(f, "callbacks_run {}", queued - pending)?;
    writeln!(f, "callbacks_pending {pending}")?;
    writeln!(f, "waited {waited}")?;
    writeln!(f, "readers {readers}")
}

/// Writes the table of this module's SRCU domains.
pub(crate) fn show_domains(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(
        f,
        "# SRCU domains of this module: grace periods, and how many read now"
    )?;
    writeln!(
        f,
        "{:<24} {:>12} {:>12} {:>9}  state",
        "domain", "seq", "completed", "readers"
    )?;
    rcu::srcu::domains(|domain| {
        let name = domain.name.to_str().unwrap_or("?");
        show_domain(f, name, domain.seq, domain.readers)
    })
}

/// Writes one row of it.
pub(crate) fn show_domain(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    seq: c_ulong,
    readers: c_ulong,
) -> fmt::Result {
    let state = if seq & 3 == 0 { "idle" } else { "in-flight" };
    let completed = (seq as c_long) >> 2;
    writeln!(
        f,
        "{name:<24} {:>12} {completed:>12} {readers:>9}  {state}",
        seq as c_long
    )
}
