// SPDX-License-Identifier: GPL-2.0

//! The concurrent self-check: readers walk while updaters add, update and remove.
//!
//! Updaters work on keys of their own, so that what a user put into the list stays as it is.

use crate::entries::{
    Entries,
    USER_KEYS, //
};
use core::ops::Range;
use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        Mutex, //
    },
    time::{
        Delta,
        Instant,
        Monotonic, //
    },
};
use wrappers::kthread::{
    KThread,
    ThisThread, //
};

/// The keys that updaters use, in as many shares as there may be updaters.
pub(crate) const KEYS: Range<u64> = USER_KEYS..USER_KEYS + SHARE * MAX_UPDATERS as u64;

/// How many keys an updater has for itself.
const SHARE: u64 = 32;

/// The most updaters that a run may have.
pub(crate) const MAX_UPDATERS: u32 = 16;

/// An updater adds a key, updates it twice and removes it.
const CYCLE: u64 = 4;

/// What a torture run is to do.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) readers: u32,
    pub(crate) updaters: u32,
    pub(crate) secs: u32,
}

/// What readers and updaters of a run found, over all runs.
pub(crate) struct Findings {
    pub(crate) passes: Atomic<u64>,
    pub(crate) entries_seen: Atomic<u64>,
    /// Entries seen dead, and values seen that nobody gave to that key and version.
    pub(crate) violations: Atomic<u64>,
    /// Updates that failed for another reason than the key being there or not.
    pub(crate) failures: Atomic<u64>,
    running: Atomic<u32>,
}

/// The threads of a run, and its findings.
#[pin_data]
pub(crate) struct Torture {
    entries: Arc<Entries>,
    findings: Arc<Findings>,
    #[pin]
    threads: Mutex<KVec<KThread>>,
}

impl Torture {
    pub(crate) fn new(entries: Arc<Entries>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            entries,
            findings: Arc::new(
                Findings {
                    passes: Atomic::new(0),
                    entries_seen: Atomic::new(0),
                    violations: Atomic::new(0),
                    failures: Atomic::new(0),
                    running: Atomic::new(0),
                },
                GFP_KERNEL,
            )?,
            threads <- new_mutex!(KVec::new(), "rculist::threads"),
        })
    }

    pub(crate) fn findings(&self) -> &Findings {
        &self.findings
    }

    /// How many threads of a run are still at work.
    pub(crate) fn running(&self) -> u32 {
        self.findings.running.load(Relaxed)
    }

    /// Starts a run and returns at once. One that is still going on is `EBUSY`.
    pub(crate) fn start(&self, plan: Plan) -> Result {
        let mut threads = self.threads.lock();
        if self.running() != 0 {
            return Err(EBUSY);
        }
        // Those of the last run have ended; this joins them.
        threads.clear();
        let time = Delta::from_secs(i64::from(plan.secs));
        let result = (|| {
            for _ in 0..plan.readers {
                threads.push(self.spawn(c"rculist_reader", time, Self::read)?, GFP_KERNEL)?;
            }
            for index in 0..plan.updaters {
                let step = move |entries: &Entries, findings: &Findings, round| {
                    Self::change(entries, findings, index, round)
                };
                threads.push(self.spawn(c"rculist_updater", time, step)?, GFP_KERNEL)?;
            }
            Ok(())
        })();
        if result.is_err() {
            // A run is whole or does not take place.
            threads.clear();
        }
        result
    }

    /// Starts a thread that repeats `step` for a time.
    fn spawn(
        &self,
        name: &CStr,
        time: Delta,
        step: impl Fn(&Entries, &Findings, u64) + Send + 'static,
    ) -> Result<KThread> {
        let running = Running::new(self.findings.clone());
        let entries = self.entries.clone();
        KThread::spawn(name, None, move |this: &ThisThread| {
            let start = Instant::<Monotonic>::now();
            let mut round = 0;
            // A cycle that was begun is finished, so that a run leaves the list as it found it.
            while round % CYCLE != 0 || (!this.should_stop() && start.elapsed() < time) {
                step(&entries, &running.0, round);
                round += 1;
                if round % 16 == 0 {
                    this.sleep(Delta::from_millis(1));
                }
            }
        })
    }

    /// Walks the list once.
    fn read(entries: &Entries, findings: &Findings, _round: u64) {
        let guard = rcu::read_lock();
        let mut seen = 0;
        for entry in entries.list().iter(&guard) {
            seen += 1;
            // The value follows from the key and the version: a torn or stale one is noticed too.
            let torn = KEYS.contains(&entry.key) && entry.value != value(entry.key, entry.version);
            if !entry.is_alive() || torn {
                findings.violations.fetch_add(1, Relaxed);
            }
        }
        findings.entries_seen.fetch_add(seen, Relaxed);
        findings.passes.fetch_add(1, Relaxed);
    }

    /// Adds, updates or removes one of the keys of updater `index`.
    fn change(entries: &Entries, findings: &Findings, index: u32, round: u64) {
        let key = KEYS.start + u64::from(index) * SHARE + (round / CYCLE) % SHARE;
        let done = match round % CYCLE {
            0 => entries.add(key, value(key, 0)),
            1 => entries.update(key, value(key, 1)),
            2 => entries.update(key, value(key, 2)),
            _ => entries.delete(key),
        };
        if done.is_err() {
            findings.failures.fetch_add(1, Relaxed);
        }
    }
}

/// The value that an updater gives to a key's version.
fn value(key: u64, version: u64) -> u64 {
    (key ^ version).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Counts a thread as running from before its start to its end, or to its not being started.
struct Running(Arc<Findings>);

impl Running {
    fn new(findings: Arc<Findings>) -> Self {
        findings.running.fetch_add(1, Relaxed);
        Self(findings)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Relaxed);
    }
}
