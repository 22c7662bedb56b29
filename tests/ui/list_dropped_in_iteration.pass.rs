// SPDX-License-Identifier: GPL-2.0
// error: E0505

//! A list is not dropped while somebody walks it.

use kernel::prelude::*;
use rcu::RcuList;

pub fn walk(list: Pin<KBox<RcuList<u32>>>) -> u32 {
    let guard = rcu::read_lock();
    let mut sum = 0;
    let iter = list.iter(&guard);
    let _ = &list;
    for value in iter {
        sum ^= *value;
    }
    sum
}
