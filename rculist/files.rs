// SPDX-License-Identifier: GPL-2.0

//! The files in `/sys/kernel/debug/rculist`.

use crate::{
    entries::{
        Entries,
        Reclaim,
        MAX_ENTRIES,
        USER_KEYS, //
    },
    torture::{
        Plan,
        Torture,
        MAX_UPDATERS, //
    },
};
use core::str::FromStr;
use kernel::{
    fmt,
    prelude::*,
    sync::{
        atomic::Relaxed,
        Arc, //
    },
    uaccess::UserSliceReader, //
};
use wrappers::{
    control::LastError,
    debugfs::ScopedDir,
    seq_file::{
        Full,
        Records,
        Sequence, //
    }, //
};

/// More readers than this are refused.
const MAX_READERS: u32 = 16;

/// A longer torture run than this is refused, in seconds.
const MAX_SECS: u32 = 3600;

const USAGE: &str = "expected 'add KEY VALUE', 'update KEY VALUE', 'del KEY', 'clear', 'fill N', \
     'reclaim sync|call|poll|expedited' or 'torture readers=N updaters=N secs=N'";

/// What the files show and control.
#[pin_data]
pub(crate) struct Files {
    entries: Arc<Entries>,
    #[pin]
    torture: Torture,
    #[pin]
    last_error: LastError,
}

impl Files {
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            entries: Arc::pin_init(Entries::new(), GFP_KERNEL)?,
            torture <- Torture::new(entries.clone()),
            last_error <- LastError::new("rculist"),
        })
    }

    pub(crate) fn create<'data>(&'data self, dir: &ScopedDir<'data>) {
        dir.sequence_file(c"entries", self);
        dir.read_callback_file(c"stats", self, &Self::show_stats);
        dir.read_callback_file(c"last_error", &self.last_error, &|error, f| {
            write!(f, "{error}")
        });
        dir.write_only_callback_file(c"control", self, &Self::control);
    }

    fn show_stats(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = self.entries.account();
        let findings = self.torture.findings();
        writeln!(f, "entries {}", account.entries)?;
        writeln!(f, "reclaim {}", account.reclaim.name())?;
        writeln!(f, "updates {}", account.updates)?;
        writeln!(f, "retired {}", account.retired)?;
        writeln!(
            f,
            "reclaimed {}",
            account.retired.saturating_sub(account.pending)
        )?;
        writeln!(f, "pending {}", account.pending)?;
        writeln!(f, "max_pending {}", account.max_pending)?;
        writeln!(f, "grace_periods_waited {}", account.grace_periods)?;
        writeln!(f, "torture_threads {}", self.torture.running())?;
        writeln!(f, "reader_passes {}", findings.passes.load(Relaxed))?;
        writeln!(f, "entries_seen {}", findings.entries_seen.load(Relaxed))?;
        writeln!(f, "violations {}", findings.violations.load(Relaxed))?;
        writeln!(f, "update_failures {}", findings.failures.load(Relaxed))
    }

    fn control(&self, reader: &mut UserSliceReader) -> Result {
        self.last_error.carry_out(reader, |line| self.execute(line))
    }

    fn execute(&self, line: &str) -> Result {
        let entries = &*self.entries;
        let mut words = line.split_ascii_whitespace();
        let command = words.next();
        let words = [(); 4].map(|()| words.next());
        match (command, words) {
            (Some("add"), [Some(key), Some(value), None, None]) => {
                let (key, value) = (self.key(key)?, self.number("VALUE", value)?);
                entries
                    .add(key, value)
                    .map_err(|error| self.refused(error, "add", key))
            }
            (Some("update"), [Some(key), Some(value), None, None]) => {
                let (key, value) = (self.key(key)?, self.number("VALUE", value)?);
                entries
                    .update(key, value)
                    .map_err(|error| self.refused(error, "update", key))
            }
            (Some("del"), [Some(key), None, None, None]) => {
                let key = self.key(key)?;
                entries
                    .delete(key)
                    .map_err(|error| self.refused(error, "del", key))
            }
            (Some("clear"), [None, ..]) => entries.clear(),
            (Some("fill"), [Some(count), None, None, None]) => {
                let count = self.range("fill", count, 0, MAX_ENTRIES)?;
                entries.fill(count).map_err(|error| {
                    self.last_error
                        .note(error, fmt!("fill: not done, no key or no memory is left"))
                })
            }
            (Some("reclaim"), [Some(name), None, None, None]) => {
                entries.set_reclaim(Reclaim::parse(name).ok_or_else(|| {
                    self.invalid(fmt!(
                        "reclaim '{name}': expected 'sync', 'call', 'poll' or 'expedited'"
                    ))
                })?);
                Ok(())
            }
            (Some("torture"), [a, b, c, None]) => {
                let plan = self.plan([a, b, c])?;
                self.torture.start(plan).map_err(|error| {
                    self.last_error.note(
                        error,
                        fmt!("torture: not started, is one running? 'stats' says torture_threads"),
                    )
                })
            }
            _ => Err(self.invalid(fmt!("{USAGE}"))),
        }
    }

    fn plan(&self, words: [Option<&str>; 3]) -> Result<Plan> {
        let mut plan = Plan {
            readers: 2,
            updaters: 1,
            secs: 5,
        };
        for word in words.into_iter().flatten() {
            match word.split_once('=') {
                Some(("readers", n)) => plan.readers = self.range("readers", n, 0, MAX_READERS)?,
                Some(("updaters", n)) => {
                    plan.updaters = self.range("updaters", n, 0, MAX_UPDATERS)?
                }
                Some(("secs", n)) => plan.secs = self.range("secs", n, 1, MAX_SECS)?,
                _ => {
                    return Err(self.invalid(fmt!(
                        "torture: '{word}': expected readers=N, updaters=N or secs=N"
                    )))
                }
            }
        }
        Ok(plan)
    }

    fn invalid(&self, what: fmt::Arguments<'_>) -> Error {
        self.last_error.note(EINVAL, what)
    }

    /// Says why the list refused a command.
    fn refused(&self, error: Error, command: &str, key: u64) -> Error {
        let what = if error == EEXIST {
            "is there already: use 'update'"
        } else if error == ENOENT {
            "is not there"
        } else if error == ENOSPC {
            "has no room: the list is full"
        } else {
            "could not be stored"
        };
        self.last_error
            .note(error, fmt!("{command}: key {key} {what}"))
    }

    fn number(&self, name: &str, text: &str) -> Result<u64> {
        text.parse()
            .map_err(|_| self.invalid(fmt!("{name} '{text}': expected a number below 2^64")))
    }

    fn key(&self, text: &str) -> Result<u64> {
        let key = self.number("KEY", text)?;
        if key >= USER_KEYS {
            return Err(self.invalid(fmt!("KEY {key}: expected a number below 2^48")));
        }
        Ok(key)
    }

    fn range<T>(&self, name: &str, text: &str, min: T, max: T) -> Result<T>
    where
        T: FromStr + PartialOrd + Copy + fmt::Display,
    {
        text.parse()
            .ok()
            .filter(|number| (min..=max).contains(number))
            .ok_or_else(|| {
                self.invalid(fmt!(
                    "{name}: '{text}': expected a number from {min} to {max}"
                ))
            })
    }
}

/// The file `entries`. An entry that is there while the file is read is shown once, in the version
/// that is there when its turn comes.
impl Sequence for Files {
    fn show(&self, from: u64, out: &mut Records<'_>) -> Result<(), Full> {
        if from == 0 {
            out.put(0, fmt!("# key value version\n"))?;
        }
        let guard = rcu::read_lock();
        for entry in self.entries.list().iter(&guard) {
            if entry.place >= from {
                out.put(
                    entry.place,
                    fmt!("{} {} {}\n", entry.key, entry.value, entry.version),
                )?;
            }
        }
        Ok(())
    }
}
