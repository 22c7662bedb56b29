// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! A cell of a domain of fast readers is not read by others.

use kernel::prelude::*;
use rcu::{
    srcu::{Fast, Normal},
    RcuBox, Srcu, SrcuCell,
};

pub fn read(
    cell: &SrcuCell<RcuBox<u32>, Fast>,
    fast: &Srcu<Fast>,
    normal: &Srcu<Normal>,
) -> Result<Option<u32>> {
    let _others = (fast.read_lock(), normal.read_lock());
    let guard = normal.read_lock();
    Ok(cell.read(&guard)?.copied())
}
