// SPDX-License-Identifier: GPL-2.0

//! What a torture reader checks, entry by entry.

use crate::{
    entries::Entries,
    entry::Entry,
    torture::{
        value,
        KEYS, //
    },
};
use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};

/// What readers found, over all runs.
pub(crate) struct Findings {
    pub(crate) passes: Atomic<u64>,
    pub(crate) entries_seen: Atomic<u64>,
    /// Entries seen before they were made, or after they were reclaimed.
    pub(crate) dead: Atomic<u64>,
    /// Values seen that nobody gave to that key and version.
    pub(crate) torn: Atomic<u64>,
    /// Entries seen in another order than that in which they were added.
    pub(crate) misplaced: Atomic<u64>,
    /// Versions seen after a later one.
    pub(crate) stale: Atomic<u64>,
}

impl Findings {
    pub(crate) const fn new() -> Self {
        Self {
            passes: Atomic::new(0),
            entries_seen: Atomic::new(0),
            dead: Atomic::new(0),
            torn: Atomic::new(0),
            misplaced: Atomic::new(0),
            stale: Atomic::new(0),
        }
    }

    /// All that no reader should ever see.
    pub(crate) fn violations(&self) -> u64 {
        [&self.dead, &self.torn, &self.misplaced, &self.stale]
            .into_iter()
            .map(|count| count.load(Relaxed))
            .sum()
    }
}

/// A reader, and what it remembers from one pass to the next.
pub(crate) struct Reader {
    /// Of each key of the torture, the place and the version that were seen last.
    last: KVec<(u64, u64)>,
}

impl Reader {
    pub(crate) fn new() -> Result<Self> {
        let keys = (KEYS.end - KEYS.start) as usize;
        Ok(Self {
            last: KVec::from_elem((0, 0), keys, GFP_KERNEL)?,
        })
    }

    /// Walks the list once.
    pub(crate) fn pass(&mut self, entries: &Entries, findings: &Findings) {
        let guard = rcu::read_lock();
        let (mut seen, mut place) = (0, 0);
        for entry in entries.list().iter(&guard) {
            seen += 1;
            if KEYS.contains(&entry.key) {
                entries.bugs.dwell();
            }
            if !entry.is_alive() {
                findings.dead.fetch_add(1, Relaxed);
                // What else it says means nothing.
                continue;
            }
            if entry.place <= place {
                findings.misplaced.fetch_add(1, Relaxed);
            }
            place = entry.place;
            if KEYS.contains(&entry.key) {
                self.check(&entry, findings);
            }
        }
        findings.entries_seen.fetch_add(seen, Relaxed);
        findings.passes.fetch_add(1, Relaxed);
    }

    /// Checks an entry of the torture.
    fn check(&mut self, entry: &Entry, findings: &Findings) {
        if entry.value != value(entry.key, entry.version) {
            findings.torn.fetch_add(1, Relaxed);
        }
        let now = (entry.place, entry.version);
        if let Some(last) = self.last.get_mut((entry.key - KEYS.start) as usize) {
            if now < *last {
                findings.stale.fetch_add(1, Relaxed);
            }
            *last = now;
        }
    }
}
