// SPDX-License-Identifier: GPL-2.0

//! Clocks and units that the kernel crate does not have.
//!
//! C header: [`include/linux/timekeeping.h`](srctree/include/linux/timekeeping.h)

use crate::sys;
use kernel::{
    bindings,
    prelude::*,
    time::Delta, //
};

/// Returns the CPU's clock, in ticks of a length of its own: `get_cycles()`. Any context.
///
/// On architectures without one that can be read, returns zero.
#[inline]
pub fn cycles() -> u64 {
    // SAFETY: May be called in any context.
    unsafe { sys::rculab_get_cycles() }
}

/// Returns the monotonic clock in nanoseconds, in any context, NMI too.
///
/// Unlike `Instant<Monotonic>` it may step back by a few nanoseconds while the clock is adjusted.
#[inline]
pub fn mono_fast_ns() -> u64 {
    // SAFETY: May be called in any context.
    unsafe { bindings::ktime_get_mono_fast_ns() }
}

/// Returns the resolution of hrtimers: one nanosecond, or a whole jiffy where the kernel has found
/// no clock that is good enough (so in the first second or two after boot).
#[inline]
pub fn hrtimer_resolution() -> Delta {
    // SAFETY: The kernel writes this aligned word while it boots; every value is valid.
    let ns = unsafe { (&raw const bindings::hrtimer_resolution).read_volatile() };
    Delta::from_nanos(i64::from(ns))
}

/// Converts jiffies to a span of time.
#[inline]
pub fn from_jiffies(jiffies: c_ulong) -> Delta {
    // SAFETY: Plain arithmetic.
    let ms = unsafe { bindings::jiffies64_to_msecs(jiffies as u64) };
    Delta::from_millis(i64::try_from(ms).unwrap_or(i64::MAX))
}
