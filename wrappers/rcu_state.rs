// SPDX-License-Identifier: GPL-2.0

//! What RCU's stall detector goes by.
//!
//! C headers: [`kernel/rcu/rcu.h`](srctree/kernel/rcu/rcu.h)

use crate::{
    sys,
    time::from_jiffies, //
};
use kernel::{
    ffi::c_ulong,
    time::Delta, //
};

/// A reading of vanilla RCU's grace-period sequence number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GpSeq(c_ulong);

impl GpSeq {
    /// Reads the number. Any context.
    #[inline]
    pub fn now() -> Self {
        // SAFETY: Only reads a word.
        Self(unsafe { sys::rcu_get_gp_seq() })
    }

    /// Returns whether a grace period was in flight.
    #[inline]
    pub fn in_flight(self) -> bool {
        self.0 & 3 != 0
    }

    /// Returns how many grace periods have ended, as the kernel counts: from below zero.
    #[inline]
    pub fn completed(self) -> isize {
        self.printed() >> 2
    }

    /// Returns the number as the kernel prints it (`g=`).
    #[inline]
    pub fn printed(self) -> isize {
        self.0 as isize
    }
}

/// Returns how many expedited grace periods have ended. Any context.
pub fn expedited_completed() -> usize {
    // SAFETY: Only reads a word. It is the sequence number, whose two low bits are the state.
    unsafe { sys::rcu_exp_batches_completed() >> 2 }
}

/// Returns how long a grace period may take before the kernel reports a stall.
///
/// The kernel reads the setting when a grace period starts.
pub fn stall_timeout() -> Delta {
    // SAFETY: Only reads (and clamps) the setting.
    let jiffies = unsafe { sys::rcu_jiffies_till_stall_check() };
    from_jiffies(jiffies as c_ulong)
}
