// SPDX-License-Identifier: GPL-2.0

//! How long things took, in buckets that double.

use super::counter::Counter;
use core::ops::Range;

/// Bucket `n` has what took less than `2^n` µs, and not less than half of that; the last one has
/// the rest, so what took more than 67 s.
const BUCKETS: usize = 28;

#[derive(Default)]
pub(super) struct Histogram([Counter; BUCKETS]);

impl Histogram {
    /// Any context.
    #[inline]
    pub(super) fn add(&self, ns: u64) {
        let us = ns / 1000;
        let bucket = (u64::BITS - us.leading_zeros()) as usize;
        self.0[bucket.min(BUCKETS - 1)].add(1);
    }

    pub(super) fn bucket(&self, bucket: usize) -> u64 {
        self.0.get(bucket).map_or(0, Counter::get)
    }

    /// The buckets between the first and the last one of several histograms that has something.
    pub(super) fn used(histograms: &[&Self]) -> Range<usize> {
        let used = |bucket: &usize| histograms.iter().any(|h| h.bucket(*bucket) > 0);
        let first = (0..BUCKETS).find(used).unwrap_or(0);
        let last = (0..BUCKETS).rev().find(used);
        first..last.map_or(0, |last| last + 1)
    }

    /// What a bucket's entries are less than, in µs; `None` for the last one.
    pub(super) fn limit(bucket: usize) -> Option<u64> {
        (bucket < BUCKETS - 1).then(|| 1 << bucket)
    }
}
