// SPDX-License-Identifier: GPL-2.0

//! Thin safe wrappers of kernel APIs that the kernel crate does not have yet.
//!
//! Together with the `rcu` crate this is the only room for `unsafe`; modules built on the two are
//! safe Rust.

pub mod barrier;
pub mod call_rcu;
pub mod callback;
pub mod console;
pub mod control;
pub mod cpu;
pub mod debugfs;
pub mod gp_kthread;
pub mod kthread;
pub mod memory;
pub mod module;
pub mod nmi;
pub mod rcu_state;
pub mod rwlock;
pub mod seq_file;
pub mod seqlock;
pub mod snapshot_file;
pub mod softirq;
pub mod task;
pub mod tick;
pub mod time;
pub mod tracepoint;

mod sys;

/// What this crate's messages begin with, where it is not known which module speaks.
const __LOG_PREFIX: &[u8] = b"rcu_lab\0";
