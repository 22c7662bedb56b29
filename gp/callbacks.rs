// SPDX-License-Identifier: GPL-2.0

//! The file `callbacks`, of each of our modules: what it handed to RCU's callbacks.

use kernel::fmt;
use wrappers::debugfs::ScopedDir;

/// A module has one account, so the file has no state of its own.
static MODULE: () = ();

/// Shows the account of this module in `dir`.
pub(crate) fn file(dir: &ScopedDir<'_>) {
    dir.read_callback_file(c"callbacks", &MODULE, &|(), f| show(f));
}

fn show(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let account = rcu::retirements();
    // In this order, so that what has run is never more than what was queued.
    let pending = account.outstanding();
    let queued = account.total();
    writeln!(
        f,
        "# what this module retired through callbacks that run code of its own"
    )?;
    writeln!(f, "queued {queued}")?;
    writeln!(f, "run {}", queued - pending)?;
    writeln!(f, "pending {pending}")
}
