// SPDX-License-Identifier: GPL-2.0
// error: E0277

//! Any CPU may drop what is retired, so it is `Send`.

use kernel::{prelude::*, types::NotThreadSafe};
use rcu::RcuBox;

pub struct Payload(pub u32);

pub fn publish(payload: Payload) -> Result<RcuBox<Payload>> {
    Ok(RcuBox::new(payload, GFP_KERNEL)?)
}
