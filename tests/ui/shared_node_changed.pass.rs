// SPDX-License-Identifier: GPL-2.0
// error: E0594

//! An object that is shared is not changed, not even by who holds one of its nodes.

use kernel::prelude::*;
use rcu::list::Node;

pub fn change() -> Result {
    let mut node = Node::new(1u32, GFP_KERNEL)?;
    *node = 2;
    let _ = &mut node;
    Ok(())
}
