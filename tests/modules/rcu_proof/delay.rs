// SPDX-License-Identifier: GPL-2.0

//! Delays of all sizes at each step, so that what can go wrong in between has its chance.

use kernel::time::{
    delay::fsleep,
    Delta, //
};
use wrappers::time::mono_fast_ns;

/// A source of numbers that look random: xorshift.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u32) -> Self {
        // Zero would stay zero.
        Self(u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // The upper half, scaled, so that nothing is divided.
        (((self.0 >> 32) * u64::from(limit)) >> 32) as u32
    }

    /// Passes no time, or a little, or now and then more than a timer tick. Does not sleep.
    pub(crate) fn spin(&mut self) {
        let micros = match self.below(16) {
            0..8 => return,
            8..15 => self.below(50),
            _ => 1000 + self.below(2000),
        };
        // A clock that may be read in an NMI, too.
        let end = mono_fast_ns() + u64::from(micros) * 1000;
        while mono_fast_ns() < end {
            core::hint::spin_loop();
        }
    }

    /// Waits for `done`, for two milliseconds at the most. Does not sleep, so that it must not wait
    /// for ever: on this CPU nobody else may run. Returns whether it is done.
    pub(crate) fn spin_until(&self, done: impl Fn() -> bool) -> bool {
        let end = mono_fast_ns() + 2_000_000;
        while mono_fast_ns() < end {
            if done() {
                return true;
            }
            core::hint::spin_loop();
        }
        done()
    }

    /// As [`Dice::spin`], sleeping for the longer times.
    pub(crate) fn sleep(&mut self) {
        match self.below(4) {
            0 => nap(),
            _ => self.spin(),
        }
    }
}

/// Lets others run for a while.
pub(crate) fn nap() {
    fsleep(Delta::from_micros(50));
}
