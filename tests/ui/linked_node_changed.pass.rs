// SPDX-License-Identifier: GPL-2.0
// error: E0594

//! Nobody changes what readers may be looking at.

use kernel::{prelude::*, sync::Mutex};
use rcu::RcuList;

pub struct Entry {
    pub value: u32,
}

pub fn change(list: &RcuList<Entry>, lock: &Mutex<()>) -> Result {
    let mut guard = lock.lock();
    let mut cursor = list.cursor(&mut guard)?;
    if let Some(entry) = cursor.current() {
        let _ = entry.value == 1;
    }
    cursor.move_next();
    Ok(())
}
