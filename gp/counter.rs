// SPDX-License-Identifier: GPL-2.0

//! What probes count in, and how what was counted is shown.

use core::fmt::{
    self,
    Display,
    Formatter, //
};
use kernel::{
    alloc::{
        flags::GFP_KERNEL,
        KVVec, //
    },
    cpu::{
        nr_cpu_ids,
        CpuId, //
    },
    error::Result,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};

/// A number that any context may change and read: no lock, no memory, a few instructions.
pub(super) struct Counter(Atomic<u64>);

impl Default for Counter {
    fn default() -> Self {
        Self(Atomic::new(0))
    }
}

impl Counter {
    #[inline]
    pub(super) fn add(&self, n: u64) {
        self.0.add(n, Relaxed);
    }

    /// Counts one more, and returns how many there were before.
    #[inline]
    pub(super) fn next(&self) -> u64 {
        self.0.fetch_add(1, Relaxed)
    }

    #[inline]
    pub(super) fn set(&self, value: u64) {
        self.0.store(value, Relaxed);
    }

    #[inline]
    pub(super) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// One `T` a CPU, each in cache lines of its own.
pub(super) struct PerCpu<T>(KVVec<Padded<T>>);

#[repr(align(64))]
struct Padded<T>(T);

impl<T> PerCpu<T> {
    pub(super) fn new(mut make: impl FnMut() -> Result<T>) -> Result<Self> {
        let count = nr_cpu_ids() as usize;
        let mut all = KVVec::with_capacity(count, GFP_KERNEL)?;
        for _ in 0..count {
            all.push(Padded(make()?), GFP_KERNEL)?;
        }
        Ok(Self(all))
    }

    /// This CPU's, for callers that stay on it.
    #[inline]
    pub(super) fn here(&self) -> Option<&T> {
        self.of(CpuId::current().as_u32() as usize)
    }

    /// That of CPU `cpu`.
    #[inline]
    pub(super) fn of(&self, cpu: usize) -> Option<&T> {
        self.0.get(cpu).map(|padded| &padded.0)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|padded| &padded.0)
    }
}

/// A value, or `-` if it is not known.
pub(super) struct Known<T>(pub(super) Option<T>);

impl<T: Display> Display for Known<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.pad("-"),
        }
    }
}

/// A span of time, in milliseconds with three decimals.
pub(super) struct Millis(pub(super) u64);

impl Display for Millis {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let us = self.0 / 1000;
        write!(f, "{}.{:03}", us / 1000, us % 1000)
    }
}

/// A grace period's number as the kernel prints it: signed, the state in its two low bits.
pub(super) fn printed(gp_seq: u64) -> i64 {
    gp_seq as i64
}
