// SPDX-License-Identifier: GPL-2.0

//! How often threads get to read and to update one list, side by side.

use crate::schemes::{
    Entry,
    Lists,
    Scheme,
    ENTRIES, //
};
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
    time::{
        delay::fsleep,
        Delta,
        Instant,
        Monotonic, //
    },
};
use wrappers::kthread::{
    KThread,
    ThisThread, //
};

/// What is to be measured.
pub(crate) struct Plan {
    pub(crate) scheme: &'static Scheme,
    pub(crate) readers: u32,
    pub(crate) updaters: u32,
    pub(crate) time: Delta,
}

/// What was.
pub(crate) struct Throughput {
    pub(crate) plan: Plan,
    pub(crate) took: Delta,
    /// Walks from the list's first entry to its last.
    pub(crate) walks: u64,
    /// Walks that were in vain.
    pub(crate) again: u64,
    pub(crate) updates: u64,
}

/// What threads are told.
const WAIT: u32 = 0;
const WORK: u32 = 1;
const STOP: u32 = 2;

/// What the threads of a run share.
#[pin_data]
struct Run {
    scheme: &'static Scheme,
    #[pin]
    lists: Lists,
    told: Atomic<u32>,
    /// How many threads run, and wait for the word.
    waiting: Atomic<u32>,
    walks: Atomic<u64>,
    again: Atomic<u64>,
    updates: Atomic<u64>,
    /// Walks that saw too few entries or too many, and updates that failed.
    wrong: Atomic<u64>,
}

impl Plan {
    /// How many threads it takes.
    pub(crate) fn threads(&self) -> u32 {
        self.readers + self.updaters
    }

    /// Carries it out. Process context, sleeps for as long as planned.
    ///
    /// `EIO` if a walk saw what it must not, or an update failed.
    pub(crate) fn measure(self) -> Result<Throughput> {
        let run = Arc::pin_init(Run::new(self.scheme), GFP_KERNEL)?;
        let mut threads = KVec::new();
        for _ in 0..self.readers {
            threads.push(run.spawn(c"rcu_bench_reader", Run::read)?, GFP_KERNEL)?;
        }
        for _ in 0..self.updaters {
            threads.push(run.spawn(c"rcu_bench_updater", Run::update)?, GFP_KERNEL)?;
        }
        // The clock starts when the last of them does.
        while run.waiting.load(Relaxed) < self.threads() {
            fsleep(Delta::from_millis(1));
        }
        let start = Instant::<Monotonic>::now();
        run.told.store(WORK, Relaxed);
        fsleep(self.time);
        run.told.store(STOP, Relaxed);
        let took = start.elapsed();
        // Joins them, so that their counts are in.
        drop(threads);
        if run.wrong.load(Relaxed) != 0 {
            return Err(EIO);
        }
        Ok(Throughput {
            plan: self,
            took,
            walks: run.walks.load(Relaxed),
            again: run.again.load(Relaxed),
            updates: run.updates.load(Relaxed),
        })
    }
}

impl Run {
    fn new(scheme: &'static Scheme) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            scheme,
            lists <- Lists::new(),
            told: Atomic::new(WAIT),
            waiting: Atomic::new(0),
            walks: Atomic::new(0),
            again: Atomic::new(0),
            updates: Atomic::new(0),
            wrong: Atomic::new(0),
        })
    }

    /// Starts a thread that waits for the others, works, and adds up.
    fn spawn(self: &Arc<Self>, name: &CStr, work: fn(&Self)) -> Result<KThread> {
        let run = self.clone();
        KThread::spawn(name, None, move |this: &ThisThread| {
            run.waiting.fetch_add(1, Relaxed);
            // Awake, so that they begin at the word. If one of them cannot be started, the others
            // are stopped while they wait.
            while run.told.load(Relaxed) == WAIT && !this.should_stop() {
                this.yield_cpu();
            }
            work(&run);
        })
    }

    fn at_work(&self) -> bool {
        self.told.load(Relaxed) == WORK
    }

    fn read(&self) {
        let (mut walks, mut again, mut wrong) = (0, 0, 0);
        while self.at_work() {
            match (self.scheme.read)(&self.lists) {
                Some(ENTRIES) => walks += 1,
                Some(_) => wrong += 1,
                None => again += 1,
            }
        }
        self.walks.fetch_add(walks, Relaxed);
        self.again.fetch_add(again, Relaxed);
        self.wrong.fetch_add(wrong, Relaxed);
    }

    fn update(&self) {
        let (mut updates, mut wrong) = (0, 0);
        while self.at_work() {
            let new = Entry::new(updates % ENTRIES, updates);
            match new.and_then(|new| (self.scheme.update)(&self.lists, new)) {
                Ok(old) => old.call_rcu(),
                Err(_) => wrong += 1,
            }
            updates += 1;
        }
        self.updates.fetch_add(updates, Relaxed);
        self.wrong.fetch_add(wrong, Relaxed);
    }
}
