// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! A vanilla guard reads nothing of an SRCU domain.

use kernel::prelude::*;
use rcu::{RcuBox, Srcu, SrcuCell};

pub fn read(cell: &SrcuCell<RcuBox<u32>>, domain: &Srcu) -> Result<Option<u32>> {
    let _other = domain.read_lock();
    let guard = domain.read_lock();
    Ok(cell.read(&guard)?.copied())
}
