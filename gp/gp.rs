// SPDX-License-Identifier: GPL-2.0

//! Grace-period counters, as files.

mod rcugp;

use kernel::debugfs;

/// Shows the counters in `dir`.
pub(crate) fn files<'data>(dir: &debugfs::ScopedDir<'data, '_>) {
    rcugp::file(dir);
}
