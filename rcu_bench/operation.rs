// SPDX-License-Identifier: GPL-2.0

//! An operation that is measured, and how.

use crate::reference::MOST;
use kernel::prelude::*;
use wrappers::time::cycles;

/// One operation, in both languages.
///
/// Each side does it as often as it is told and returns what that took, in ticks of the CPU's
/// clock.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) rounds: u32,
    pub(crate) c: extern "C" fn(u32) -> i64,
    pub(crate) rust: fn(u32) -> Result<u64>,
}

/// Rounds of what takes no time to speak of: as many as pass between two ticks of the timer.
pub(crate) const MANY: u32 = MOST;

/// Rounds of what waits.
pub(crate) const FEW: u32 = 10;

/// Runs of each side.
const RUNS: u32 = 32;

/// What the runs of one side took.
pub(crate) struct Ticks {
    /// The cheapest run: an interrupt only ever adds.
    pub(crate) least: u64,
    sum: u64,
}

/// What an operation took.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    pub(crate) rounds: u32,
    pub(crate) c: Ticks,
    pub(crate) rust: Ticks,
}

impl Operation {
    /// Runs both sides in turn, so that what the kernel does besides meets both alike.
    pub(crate) fn measure(&self) -> Result<Measured> {
        let (mut c, mut rust) = (Ticks::NONE, Ticks::NONE);
        for _ in 0..RUNS {
            c.add(in_c(self.c, self.rounds)?);
            rust.add((self.rust)(self.rounds)?);
        }
        Ok(Measured {
            name: self.name,
            rounds: self.rounds,
            c,
            rust,
        })
    }
}

impl Ticks {
    const NONE: Self = Self {
        least: u64::MAX,
        sum: 0,
    };

    fn add(&mut self, run: u64) {
        self.least = self.least.min(run);
        self.sum += run;
    }

    /// The ticks of the mean run.
    pub(crate) fn mean(&self) -> u64 {
        self.sum / u64::from(RUNS)
    }
}

fn in_c(run: extern "C" fn(u32) -> i64, rounds: u32) -> Result<u64> {
    let ticks = run(rounds);
    u64::try_from(ticks).map_err(|_| i32::try_from(ticks).map_or(EINVAL, Error::from_errno))
}

/// Times `rounds` rounds of `body`.
#[inline(always)]
pub(crate) fn times(rounds: u32, mut body: impl FnMut()) -> u64 {
    let mut left = rounds;
    let start = cycles();
    loop {
        body();
        left -= 1;
        if left == 0 {
            return cycles() - start;
        }
    }
}

/// Times `body` for each of `items`.
#[inline(always)]
pub(crate) fn times_each<T>(items: impl IntoIterator<Item = T>, mut body: impl FnMut(T)) -> u64 {
    let items = items.into_iter();
    let start = cycles();
    for item in items {
        body(item);
    }
    cycles() - start
}

/// Times `body` for each of `items`, which it takes, the last one first. Freeing what held them is no
/// part of it.
#[inline(always)]
pub(crate) fn times_taking<T>(mut items: KVec<T>, mut body: impl FnMut(T)) -> u64 {
    let start = cycles();
    while let Some(item) = items.pop() {
        body(item);
    }
    cycles() - start
}
