// SPDX-License-Identifier: GPL-2.0

//! Reads RCU stall warnings out of any log, and says what they mean.
//!
//! Text goes in by chunks of any size, through whatever carried it (dmesg, syslog, the journal,
//! a mail), from any kernel since 2.6.32; one [`Episode`] comes out for each stall header.
//!
//! ```
//! let log = "\
//! [   21.288313] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
//! [   21.288877] rcu: \t0-...0: (5 ticks this GP) idle=04cc/1/0x4000000000000000 softirq=38/44 fqs=2579
//! [   21.289682] rcu: \t(detected by 3, t=5252 jiffies, g=-1139, q=146 ncpus=4)
//! ";
//! let episodes = stalls::explain(log.as_bytes())?;
//! assert_eq!(episodes[0].stalled_cpus, [0]);
//! assert_eq!(episodes[0].elapsed_jiffies, Some(5252));
//! assert_eq!(episodes[0].cause, stalls::Cause::IrqsOff);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! The path of a byte: [`scan`] cuts lines and skips what cannot matter, [`transport`] takes
//! off what carried the line, [`fact`] reads what the kernel printed, [`assemble`] joins facts
//! into one report, [`incident`] joins reports of one stall, and [`cause`] judges.

#![forbid(unsafe_code)]

pub mod assemble;
pub mod cause;
#[cfg(feature = "cli")]
pub mod cli;
pub mod fact;
pub mod hz;
pub mod incident;
pub mod model;
pub mod report;
pub mod scan;
pub mod stack;
pub mod transport;

pub use model::{Cause, Confidence, Episode, Kind};
pub use scan::{Scanner, explain};
