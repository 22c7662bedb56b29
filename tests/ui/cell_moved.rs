// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! Readers bypass the lock, so nobody moves a cell that they can see.

use core::pin::Pin;
use rcu::{Rcu, RcuBox};

pub fn look(cell: Pin<&mut Rcu<RcuBox<u32>>>) -> bool {
    let cell = cell.get_mut();
    cell.is_some()
}
