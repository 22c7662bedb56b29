// SPDX-License-Identifier: GPL-2.0
// error: E0308

//! A list takes the link that is its own, not another one of the same object.

use kernel::{prelude::*, sync::Mutex};
use rcu::{
    list::{Node, Shared},
    RcuList,
};

pub fn insert(list: &RcuList<u32, 1, Shared<2>>, lock: &Mutex<()>) -> Result {
    let (_one, _other) = Node::pair(1u32, GFP_KERNEL)?;
    list.cursor(&mut lock.lock())?.push_back(_other);
    Ok(())
}
