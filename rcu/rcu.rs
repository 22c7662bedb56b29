// SPDX-License-Identifier: GPL-2.0

//! Safe abstractions over the kernel's RCU.
//!
//! # Vocabulary
//!
//! - A *reader* holds a guard. What it reads through the guard stays alive until the guard is gone.
//! - An *updater* publishes a new version and *unlinks* the old one. Readers that came earlier may
//!   still see the old one. One that has to hold a lock shows its guard once, for an [`Updater`] of a
//!   cell or a [`Cursor`](list::Cursor) of a list, and is refused there or not at all.
//! - A *grace period* of a domain ends when every reader that was there at its start has left.
//! - A *domain* says who waits for whom: [`Vanilla`] RCU is one, each [`Srcu`] is one of its own.
//! - What was unlinked is *retired*: it waits for a grace period of its domain, and only then is
//!   *reclaimed*, that is dropped or handed back to its owner.
//! - A *reference* keeps an object beyond any guard. A reader *upgrades* what it borrowed to one, as
//!   long as the last was not given up: [`RcuArc`].
//! - A place is *recycled* when it holds the next object without a grace period in between:
//!   [`Pool`].
//!
//! # Cells
//!
//! | cell | who updates it | what a reader gets |
//! |---|---|---|
//! | [`Rcu`] | who holds its lock | `Option<&T>` |
//! | [`NonNullRcu`] | who holds its lock | `&T` |
//! | [`GlobalRcu`], also in a `static` | who holds the lock that its type names | `Option<&T>` |
//! | [`AtomicRcu`], also in a `static` | anybody | `Option<&T>` |
//! | [`SrcuCell`] | who holds its lock | `Option<&T>`, and may sleep |
//! | [`PoolCell`] | anybody | a reference, checked after it was taken |
//!
//! # States
//!
//! The life of an object behind an [`Rcu`] cell:
//!
//! ```text
//!            publish                 replace, take               grace period
//!   owned ────────────▶ published ─────────────────▶ retired ──────────────────▶ owned, or dropped
//!                       readers may                  earlier readers             nobody else
//!                       find it                      may still see it            sees it
//! ```
//!
//! [`Retired`] is the third state. The ways out of it:
//!
//! | way out | waits by | sleeps | ends as |
//! |---|---|---|---|
//! | [`Retired::synchronize`] | `synchronize_rcu()` | yes | owned |
//! | [`Retired::synchronize_expedited`] | `synchronize_rcu_expedited()` | yes | owned |
//! | [`Retired::start_poll`] | `start_poll_synchronize_rcu_full()` | no | [`Polled`], then owned |
//! | `Retired::kvfree_mightsleep` | `kvfree_rcu_mightsleep()` | it may | freed |
//! | [`Retired::call_rcu_hurry`] | `call_rcu_hurry()` | no | dropped |
//! | [`Retired::call_rcu`], or drop | `call_rcu()`, `kvfree_rcu()` | no | dropped |
//!
//! A counted object is retired by whoever gives up its last reference, a cell or a reader:
//!
//! ```text
//!                    last reference gone             grace period
//!   referenced ─────────────────────────▶ retired ─────────────────▶ dropped
//!   readers may                           earlier readers may see it
//!   upgrade                               and cannot upgrade
//! ```
//!
//! # What types cannot check
//!
//! - Under a [`Guard`] one must not sleep. Where readers only disable preemption (no
//!   `PREEMPT_RCU`), sleeping ends the section, and what was read may be freed. The kernel's
//!   `DEBUG_ATOMIC_SLEEP` finds it.
//! - One must not wait for a grace period of a domain while reading in it: it would wait for
//!   itself. `PROVE_RCU` finds it.
//! - A guard must not be leaked. Rust calls leaking safe, but the section of a leaked [`Guard`] ends
//!   when its task exits, whatever was read meanwhile, and until then every grace period waits. The
//!   kernel crate's guard is no different. An [`Srcu`] section that is leaked never ends.
//!
//! C headers: [`include/linux/rcupdate.h`](srctree/include/linux/rcupdate.h),
//! [`include/linux/srcu.h`](srctree/include/linux/srcu.h)

#![allow(
    improper_ctypes,
    reason = "an srcu_struct holds lockdep's types, which are empty where lockdep is off"
)]

mod atomic;
mod cell;
mod domain;
mod global;
mod grace_period;
mod guard;
mod hash_table;
pub mod hlist;
pub mod list;
pub mod lockdep;
mod module;
mod node;
mod non_null;
mod pointer;
pub mod pool;
mod rcu_arc;
mod rcu_box;
mod rcu_cell;
mod reclaim;
mod retired;
pub mod srcu;
mod sys;
pub mod tasks;
mod updater;
mod vanilla;
pub mod work;

pub use atomic::{
    AtomicRcu,
    Claim,
    Refused, //
};
pub use cell::WrongLock;
pub use domain::{
    Domain,
    Expedited,
    Global,
    Polling,
    Reader, //
};
pub use global::{
    GlobalClaim,
    GlobalRcu, //
};
pub use grace_period::{
    barrier,
    synchronize,
    synchronize_expedited,
    Cookie, //
};
pub use guard::{
    read_lock,
    read_lock_bh,
    read_lock_sched,
    BhGuard,
    Guard,
    SchedGuard, //
};
pub use hash_table::{
    KeyValue,
    RcuHashTable,
    TableKey, //
};
pub use hlist::RcuHlist;
pub use list::{
    RcuBidirList,
    RcuList, //
};
pub use module::{
    retirements,
    RcuModule,
    Retirements, //
};
pub use non_null::{
    NonNullRcu,
    NonNullUpdater, //
};
pub use pointer::Pointer;
pub use pool::{
    Pool,
    PoolCell, //
};
pub use rcu_arc::{
    Counted,
    RcuArc, //
};
pub use rcu_box::{
    DropInSoftirq,
    RcuBox, //
};
pub use rcu_cell::Rcu;
pub use retired::{
    Polled,
    Retired, //
};
pub use srcu::{
    Srcu,
    SrcuCell, //
};
pub use updater::Updater;
pub use vanilla::Vanilla;

/// For what this crate's macros expand to.
#[doc(hidden)]
pub mod private {
    pub use crate::domain::sealed::Sealed;
}
