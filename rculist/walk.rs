// SPDX-License-Identifier: GPL-2.0

//! A slow reader to watch: what it sees of the list, and when, beside what is done meanwhile.

use crate::entries::Entries;
use core::{
    hint::spin_loop,
    str, //
};
use kernel::{
    fmt, new_mutex, new_spinlock,
    prelude::*,
    sync::{
        Arc,
        Mutex,
        SpinLock, //
    },
    time::{
        Delta,
        Instant,
        Monotonic, //
    },
};
use wrappers::kthread::KThread;

/// The longest time that a walk lingers in its section, whatever was asked for.
const LONGEST: Delta = Delta::from_secs(5);

/// As many steps as are remembered.
const STEPS: usize = 256;

/// As much as is remembered of a line.
const LINE: usize = 32;

/// What happened.
enum What {
    Begins,
    At { key: u64, version: u64 },
    Ends,
    Line { bytes: [u8; LINE], len: usize },
    Done,
}

/// The last walk, step by step.
struct Steps {
    start: Instant<Monotonic>,
    list: KVec<(Delta, What)>,
    walking: bool,
}

#[pin_data]
struct Log {
    #[pin]
    steps: SpinLock<Steps>,
}

impl Log {
    /// Remembers a step of the present walk, if there is one and there is room.
    fn note(&self, what: What) {
        let mut steps = self.steps.lock();
        if steps.walking {
            let when = steps.start.elapsed();
            let _ = steps.list.push_within_capacity((when, what));
        }
    }
}

/// The walks, one at a time.
#[pin_data]
pub(crate) struct Walks {
    entries: Arc<Entries>,
    log: Arc<Log>,
    #[pin]
    thread: Mutex<Option<KThread>>,
}

impl Walks {
    pub(crate) fn new(entries: Arc<Entries>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            entries,
            log: {
                let list = KVec::with_capacity(STEPS, GFP_KERNEL)?;
                let steps = Steps { start: Instant::now(), list, walking: false };
                Arc::pin_init(
                    pin_init!(Log { steps <- new_spinlock!(steps, "rculist::steps") }),
                    GFP_KERNEL,
                )?
            },
            thread <- new_mutex!(None, "rculist::walk"),
        })
    }

    /// Starts a reader that lingers at each entry, and returns at once. A second one is `EBUSY`.
    pub(crate) fn start(&self, linger: Delta) -> Result {
        let mut thread = self.thread.lock();
        if self.log.steps.lock().walking {
            return Err(EBUSY);
        }
        // The last one has ended; this joins it.
        *thread = None;
        {
            let mut steps = self.log.steps.lock();
            steps.list.clear();
            steps.start = Instant::now();
            steps.walking = true;
        }
        let (entries, log) = (self.entries.clone(), self.log.clone());
        let spawned = KThread::spawn(c"rculist_walk", None, move |_| walk(&entries, &log, linger));
        if spawned.is_err() {
            self.log.steps.lock().walking = false;
        }
        *thread = Some(spawned?);
        Ok(())
    }

    /// Remembers that `line` is about to be carried out, if somebody walks.
    pub(crate) fn begin(&self, line: &str) {
        let mut bytes = [0; LINE];
        let len = line.len().min(LINE);
        bytes[..len].copy_from_slice(&line.as_bytes()[..len]);
        self.log.note(What::Line { bytes, len });
    }

    /// Remembers that the line was carried out.
    pub(crate) fn done(&self) {
        self.log.note(What::Done);
    }

    /// Shows the last walk.
    pub(crate) fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# ms, who, what")?;
        for (when, what) in &self.log.steps.lock().list {
            let ms = when.as_millis();
            match what {
                What::Begins => writeln!(f, "{ms} reader begins")?,
                What::At { key, version } => writeln!(f, "{ms} reader at {key} version {version}")?,
                What::Ends => writeln!(f, "{ms} reader ends")?,
                What::Line { bytes, len } => {
                    let line = str::from_utf8(&bytes[..*len]).unwrap_or_default();
                    writeln!(f, "{ms} updater {line}")?;
                }
                What::Done => writeln!(f, "{ms} updater has returned")?,
            }
        }
        Ok(())
    }
}

/// Walks the list in one read-side critical section.
fn walk(entries: &Entries, log: &Log, linger: Delta) {
    let start = Instant::<Monotonic>::now();
    log.note(What::Begins);
    let guard = rcu::read_lock();
    for entry in entries.list().iter(&guard) {
        let (key, version) = (entry.key, entry.version);
        log.note(What::At { key, version });
        let here = Instant::<Monotonic>::now();
        while here.elapsed() < linger && start.elapsed() < LONGEST {
            spin_loop();
        }
    }
    log.note(What::Ends);
    drop(guard);
    // An update that waits for this reader returns now; let it say so.
    kernel::time::delay::fsleep(Delta::from_millis(100));
    log.steps.lock().walking = false;
}
