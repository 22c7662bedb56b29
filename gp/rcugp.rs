// SPDX-License-Identifier: GPL-2.0

//! The file `rcugp`: where vanilla RCU's grace periods are.

use kernel::fmt;
use wrappers::{
    debugfs::ScopedDir,
    rcu_state::{
        expedited_completed,
        GpSeq, //
    },
};

/// There is one vanilla RCU, so the file has no state of its own.
static VANILLA: () = ();

pub(super) fn file(dir: &ScopedDir<'_>) {
    dir.read_callback_file(c"rcugp", &VANILLA, &|(), f| show(f));
}

fn show(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let seq = GpSeq::now();
    let completed = seq.completed();
    let in_flight = seq.in_flight();
    writeln!(
        f,
        "# vanilla RCU's grace periods, numbered as the kernel counts them"
    )?;
    writeln!(f, "completed {completed}")?;
    writeln!(f, "current {}", completed + isize::from(in_flight))?;
    writeln!(f, "state {}", if in_flight { "in-flight" } else { "idle" })?;
    writeln!(f, "expedited_completed {}", expedited_completed())
}
