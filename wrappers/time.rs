// SPDX-License-Identifier: GPL-2.0

//! Clocks and units that the kernel crate does not have.
//!
//! C header: [`include/linux/timekeeping.h`](srctree/include/linux/timekeeping.h)

use crate::sys;
use kernel::{
    bindings,
    error::to_result,
    prelude::*,
    time::{
        ClockSource,
        Delta,
        Monotonic,
        RealTime,
        NSEC_PER_SEC, //
    }, //
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

/// Returns how many nanoseconds have passed on that clock since it showed `from`, none if it has stepped
/// back. Any context.
#[inline]
pub fn ns_since(from: u64) -> u64 {
    mono_fast_ns().saturating_sub(from)
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

/// A step of the real-time clock, which is undone on drop: `do_settimeofday64()`.
#[must_use = "the clock is put back as soon as this is dropped"]
pub struct ClockStep {
    real: i64,
    mono: i64,
}

impl ClockStep {
    /// What the clock may be off by after it was put back: who reads it may be interrupted.
    const TOLERANCE: Delta = Delta::from_millis(10);

    /// Sets the clock forward by `by`. Process context; interrupts every CPU.
    pub fn forward(by: Delta) -> Result<Self> {
        let step = Self {
            real: RealTime::ktime_get(),
            mono: Monotonic::ktime_get(),
        };
        set_real(step.real + by.as_nanos())?;
        Ok(step)
    }

    /// What the clock would show if it had not been set.
    fn unset(&self) -> i64 {
        self.real + (Monotonic::ktime_get() - self.mono)
    }

    /// Puts the clock back to where it would be, and reads that back. Process context; interrupts
    /// every CPU.
    pub fn put_back(&self) -> Result {
        set_real(self.unset())?;
        let off = Delta::from_nanos((RealTime::ktime_get() - self.unset()).abs());
        if off < Self::TOLERANCE {
            Ok(())
        } else {
            Err(EIO)
        }
    }
}

impl Drop for ClockStep {
    fn drop(&mut self) {
        // Who wants to know calls `put_back` first; for others there is nobody to tell.
        let _ = self.put_back();
    }
}

fn set_real(ns: i64) -> Result {
    let time = bindings::timespec64 {
        tv_sec: ns / NSEC_PER_SEC,
        tv_nsec: (ns % NSEC_PER_SEC) as isize,
    };
    // SAFETY: `time` is valid for the call.
    to_result(unsafe { bindings::do_settimeofday64(&raw const time) })
}
