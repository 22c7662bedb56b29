// SPDX-License-Identifier: GPL-2.0
// error: E0382

//! A node is in one list, once.

use kernel::{prelude::*, sync::Mutex};
use rcu::{list::Node, RcuList};

pub fn insert(list: &RcuList<u32>, lock: &Mutex<()>, node: Node<u32>) -> Result {
    let other = Node::new(1, GFP_KERNEL)?;
    list.cursor(&mut lock.lock())?.push_back(node);
    list.cursor(&mut lock.lock())?.push_back(other);
    Ok(())
}
