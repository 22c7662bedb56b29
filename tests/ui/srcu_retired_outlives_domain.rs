// SPDX-License-Identifier: GPL-2.0
// error: E0597

//! What waits for a domain does not outlive it.

use kernel::{prelude::*, sync::Mutex};
use rcu::{RcuBox, Srcu, SrcuCell};

pub fn unlink(
    cell: &SrcuCell<RcuBox<u32>>,
    lock: &Mutex<()>,
    make: impl Fn() -> Pin<KBox<Srcu>>,
) -> Result {
    let outer = make();
    let old;
    {
        let inner = make();
        let _ = &inner;
        old = cell.updater(&mut lock.lock(), &inner)?.take();
    }
    drop(old);
    drop(outer);
    Ok(())
}
