// SPDX-License-Identifier: GPL-2.0

//! Grace-period counters, as files.

mod rcugp;

use wrappers::debugfs::ScopedDir;

/// Shows the counters in `dir`.
pub(crate) fn files(dir: &ScopedDir<'_>) {
    rcugp::file(dir);
}
