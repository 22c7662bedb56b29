// SPDX-License-Identifier: GPL-2.0

//! Something of which there is one at a time: since when it goes on, and how long it took at most.

use super::counter::Counter;
use wrappers::time::mono_fast_ns;

#[derive(Default)]
pub(super) struct Span {
    /// When the present one started; 0 if there is none, or nobody saw it start.
    started_ns: Counter,
    ended: Counter,
    longest_ns: Counter,
}

impl Span {
    /// Forgets the present one, whose end might not be seen.
    pub(super) fn forget(&self) {
        self.started_ns.set(0);
    }

    /// One starts, at this time.
    #[inline]
    pub(super) fn start(&self, ns: u64) {
        self.started_ns.set(ns);
    }

    /// Counts an end, and returns how long it took, in nanoseconds, if its start was seen.
    ///
    /// The next one does not start before this has returned.
    #[inline]
    pub(super) fn end(&self, ns: u64) -> Option<u64> {
        self.ended.add(1);
        let started = self.started_ns.get();
        if started == 0 {
            return None;
        }
        self.started_ns.set(0);
        let took = ns.saturating_sub(started);
        if took > self.longest_ns.get() {
            self.longest_ns.set(took);
        }
        Some(took)
    }

    /// How old the present one is.
    pub(super) fn age_ns(&self) -> Option<u64> {
        let started = self.started_ns.get();
        (started != 0).then(|| mono_fast_ns().saturating_sub(started))
    }

    pub(super) fn ended(&self) -> u64 {
        self.ended.get()
    }

    pub(super) fn longest_ns(&self) -> u64 {
        self.longest_ns.get()
    }
}
