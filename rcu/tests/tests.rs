// SPDX-License-Identifier: GPL-2.0

//! KUnit suites of the `rcu` crate, one file a type.
//!
//! They use what a module author can use, so they are part of a module: `rcu_demo`.

mod atomic;
mod cell;
mod global;
mod grace_period;
mod guard;
mod hlist;
mod list;
mod list_kinds;
mod list_shared;
mod module;
mod nmi;
mod non_null;
mod pool;
mod rcu_arc;
mod rcu_box;
mod retired;
mod srcu;
mod srcu_kind;
mod srcu_static;
mod support;
mod tasks;
mod work;
