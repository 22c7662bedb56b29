// SPDX-License-Identifier: GPL-2.0

//! The concurrent self-check: readers walk while updaters add, update and remove.
//!
//! Updaters work on keys of their own, so that what a user put into the list stays as it is.

use crate::{
    bugs::Bug,
    entries::{
        Entries,
        USER_KEYS, //
    },
    reader::{
        Findings,
        Reader, //
    },
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

/// The most readers that a run may have.
pub(crate) const MAX_READERS: u32 = 16;

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
    /// What is to be done wrong.
    pub(crate) bug: Option<Bug>,
}

/// What the threads of all runs share.
pub(crate) struct Shared {
    pub(crate) findings: Findings,
    /// Updates that failed, though nobody else touches the torture's keys.
    pub(crate) failures: Atomic<u64>,
    running: Atomic<u32>,
}

/// The threads of a run, and its findings.
#[pin_data]
pub(crate) struct Torture {
    entries: Arc<Entries>,
    shared: Arc<Shared>,
    #[pin]
    threads: Mutex<KVec<KThread>>,
}

impl Torture {
    pub(crate) fn new(entries: Arc<Entries>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            entries,
            shared: Arc::new(
                Shared {
                    findings: Findings::new(),
                    failures: Atomic::new(0),
                    running: Atomic::new(0),
                },
                GFP_KERNEL,
            )?,
            threads <- new_mutex!(KVec::new(), "rculist::threads"),
        })
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// How many threads of a run are still at work.
    pub(crate) fn running(&self) -> u32 {
        self.shared.running.load(Relaxed)
    }

    /// Starts a run and returns at once. One that is still going on is `EBUSY`.
    pub(crate) fn start(&self, plan: Plan) -> Result {
        let mut threads = self.threads.lock();
        if self.running() != 0 {
            return Err(EBUSY);
        }
        // Those of the last run have ended; this joins them.
        threads.clear();
        self.entries.bugs.set(plan.bug);
        let time = Delta::from_secs(i64::from(plan.secs));
        let result = (|| {
            for _ in 0..plan.readers {
                let mut reader = Reader::new()?;
                let step = move |entries: &Entries, shared: &Shared, _| {
                    reader.pass(entries, &shared.findings)
                };
                threads.push(self.spawn(c"rculist_reader", time, step)?, GFP_KERNEL)?;
            }
            for index in 0..plan.updaters {
                let mut version = 0;
                let step = move |entries: &Entries, shared: &Shared, round| {
                    Self::change(entries, shared, index, round, &mut version)
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
        mut step: impl FnMut(&Entries, &Shared, u64) + Send + 'static,
    ) -> Result<KThread> {
        let running = Running::new(self.shared.clone());
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

    /// Adds, updates or removes one of the keys of updater `index`, of which `version` is there. A
    /// step that fails, for want of memory, leaves that version there.
    fn change(entries: &Entries, shared: &Shared, index: u32, round: u64, version: &mut u64) {
        let key = KEYS.start + u64::from(index) * SHARE + (round / CYCLE) % SHARE;
        let step = round % CYCLE;
        let next = if step == 0 { 0 } else { *version + 1 };
        let done = match step {
            0 => entries.add(key, value(key, next)),
            1 | 2 => entries.update(key, value(key, next)),
            _ => entries.delete(key),
        };
        match done {
            Ok(()) => *version = next,
            Err(_) => drop(shared.failures.fetch_add(1, Relaxed)),
        }
    }
}

/// The value that an updater gives to a key's version.
pub(crate) fn value(key: u64, version: u64) -> u64 {
    (key ^ version).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Counts a thread as running from before its start to its end, or to its not being started.
struct Running(Arc<Shared>);

impl Running {
    fn new(shared: Arc<Shared>) -> Self {
        shared.running.fetch_add(1, Relaxed);
        Self(shared)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Relaxed);
    }
}
