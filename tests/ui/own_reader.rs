// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! Nobody can declare a reader: the proofs lean on the crate's own.

use rcu::{Rcu, RcuBox};

pub struct Mine;

pub fn read(cell: &Rcu<RcuBox<u32>>) -> Option<u32> {
    let _mine = Mine;
    cell.read(&_mine).copied()
}
