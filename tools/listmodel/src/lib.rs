// SPDX-License-Identifier: GPL-2.0

//! What readers of an RCU list may observe, by trying everything.
//!
//! The steps of each update are not written down here a second time: the modules `list_steps` and
//! `hlist_steps` *are* `rcu/list/steps.rs` and `rcu/hlist/steps.rs`, the very files that the kernel
//! crate is built from. An update runs on links that record its stores ([`updates`], [`hlist`]); the
//! explorer then lets these stores become visible in every order that their
//! [`Order`](steps::Order) allows, with a reader's loads in between at every point ([`explore`]).
//!
//! The machine is weaker than any that Linux runs on in what it does with stores: two of them may
//! be seen in either order unless they go to the same place, or the later one is a publication, or
//! a grace period is between them. Loads are as on all of these machines: a load through a pointer
//! comes after the load of the pointer. All readers agree on the order in which stores become
//! visible. That a C or Rust compiler, or a CPU, does not invent or tear loads and stores is
//! assumed, not checked.

// Each of these files is shared with the kernel crate.
#[path = "../../../rcu/list/steps.rs"]
#[allow(dead_code, reason = "the kernel crate uses all of it")]
mod list_steps;

// It takes the order of stores from the module around it, there as here.
#[path = "../../../rcu/hlist/steps.rs"]
#[allow(dead_code, reason = "the kernel crate uses all of it")]
mod hlist_steps;

pub mod explore;
pub mod hlist;
pub mod updates;

use list_steps::Order;

/// The steps as the kernel crate has them.
pub mod steps {
    pub use crate::list_steps::{Order, Ways};
}

/// Readers walk forward only: what `Forward` is in the kernel crate.
pub struct Forward;

impl steps::Ways for Forward {
    const PUBLISH_BACK: steps::Order = list_steps::BACK_UNSEEN;
}

/// Readers walk both ways: what `Bidirectional` is in the kernel crate.
pub struct Bidirectional;

impl steps::Ways for Bidirectional {
    const PUBLISH_BACK: steps::Order = list_steps::BACK_SEEN;
}
