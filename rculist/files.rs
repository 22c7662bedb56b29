// SPDX-License-Identifier: GPL-2.0

//! The files in `/sys/kernel/debug/rculist`.

use crate::{
    control::Control,
    entries::{
        Entries,
        MAX_ENTRIES, //
    },
    entry::Entry,
    params,
    torture::Torture,
    walk::Walks, //
};
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

/// What the files show and control.
#[pin_data]
pub(crate) struct Files {
    entries: Arc<Entries>,
    #[pin]
    torture: Torture,
    #[pin]
    walks: Walks,
    #[pin]
    last_error: LastError,
}

impl Files {
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            entries: Arc::pin_init(Entries::new(), GFP_KERNEL)?,
            torture <- Torture::new(entries.clone()),
            walks <- Walks::new(entries.clone()),
            last_error <- LastError::new("rculist"),
        })
        .pin_chain(|files| files.fill())
    }

    /// Makes the entries that the list begins with.
    fn fill(&self) -> Result {
        if params::size() > MAX_ENTRIES {
            pr_err!("size: expected a number up to {MAX_ENTRIES}\n");
            return Err(EINVAL);
        }
        self.entries.fill(params::size())
    }

    pub(crate) fn create<'data>(&'data self, dir: &ScopedDir<'data>) {
        dir.sequence_file(c"entries", self);
        dir.read_callback_file(c"stats", self, &Self::show_stats);
        dir.read_callback_file(c"trace", &self.walks, &Walks::show);
        dir.read_callback_file(c"last_error", &self.last_error, &|error, f| {
            write!(f, "{error}")
        });
        dir.write_only_callback_file(c"control", self, &Self::control);
    }

    fn show_stats(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = self.entries.account();
        let shared = self.torture.shared();
        let findings = &shared.findings;
        writeln!(f, "entries {}", account.entries)?;
        writeln!(f, "bytes_per_entry {}", Entry::SIZE)?;
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
        writeln!(f, "violations {}", findings.violations())?;
        writeln!(f, "violations_dead {}", findings.dead.load(Relaxed))?;
        writeln!(f, "violations_torn {}", findings.torn.load(Relaxed))?;
        writeln!(f, "violations_order {}", findings.misplaced.load(Relaxed))?;
        writeln!(f, "violations_version {}", findings.stale.load(Relaxed))?;
        writeln!(f, "update_failures {}", shared.failures.load(Relaxed))
    }

    fn control(&self, reader: &mut UserSliceReader) -> Result {
        self.last_error.carry_out(reader, |line| {
            Control {
                entries: &self.entries,
                torture: &self.torture,
                walks: &self.walks,
                last_error: &self.last_error,
            }
            .execute(line)
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
