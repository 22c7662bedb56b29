// SPDX-License-Identifier: GPL-2.0

//! A domain of sleepable RCU: a reader that sleeps, and an updater that waits for it.
//!
//! Vanilla readers must not sleep. Readers of an [`Srcu`] domain may, and only an updater of the
//! same domain waits for them: here one reads a setting, sleeps for a while and looks at the same
//! version again, while vanilla grace periods go on.
//!
//! Try it, in `/sys/kernel/debug/rcu_demo/srcu_domain`:
//!
//! ```text
//! echo 'read 500' > control &    # a reader that sleeps for half a second
//! echo 'set 7' > control         # waits for it
//! cat setting stats
//! ```
//!
//! `echo leak > control` does what no code should: it leaks a guard. Whoever waits for the domain
//! then waits for ever, `rmmod` too, rather than free it under a reader.

use kernel::{
    fmt,
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Mutex, //
    },
    time::{
        delay::fsleep,
        Delta,
        Instant,
        Monotonic, //
    }, //
};
use rcu::{
    RcuBox,
    Srcu,
    SrcuCell, //
};
use wrappers::{
    control::{
        Commands,
        LastError, //
    },
    debugfs::ScopedDir, //
};

/// Longer reads than this are refused, in milliseconds.
const MAX_READ_MS: u32 = 10_000;

/// The example: a setting, read in a domain of its own.
#[pin_data]
pub(crate) struct SrcuDomain {
    #[pin]
    domain: Srcu,
    #[pin]
    update: Mutex<()>,
    #[pin]
    setting: SrcuCell<RcuBox<u32>>,
    reads: Atomic<u64>,
    violations: Atomic<u64>,
    updates: Atomic<u64>,
    /// How long the last updater waited for readers, in microseconds.
    waited_us: Atomic<i64>,
    #[pin]
    last_error: LastError,
}

impl SrcuDomain {
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            domain <- rcu::new_srcu!("srcu_domain"),
            update <- new_mutex!((), "srcu_domain::update"),
            setting <- SrcuCell::new(Some(RcuBox::new(0, GFP_KERNEL)?), &update, &domain),
            reads: Atomic::new(0),
            violations: Atomic::new(0),
            updates: Atomic::new(0),
            waited_us: Atomic::new(0),
            last_error <- LastError::new("rcu_demo: srcu_domain"),
        })
    }

    /// Shows the example in the directory `srcu_domain`.
    pub(crate) fn files<'data>(&'data self, dir: &ScopedDir<'data>) {
        let dir = dir.dir(c"srcu_domain");
        dir.read_callback_file(c"setting", self, &Self::show_setting);
        dir.read_callback_file(c"stats", self, &Self::show_stats);
        dir.command_files(self);
    }

    fn show_setting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let guard = self.domain.read_lock();
        match self.setting.read(&guard) {
            Ok(Some(setting)) => writeln!(f, "{setting}"),
            _ => Ok(()),
        }
    }

    fn show_stats(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "reads {}", self.reads.load(Relaxed))?;
        writeln!(f, "violations {}", self.violations.load(Relaxed))?;
        writeln!(f, "updates {}", self.updates.load(Relaxed))?;
        writeln!(f, "last_update_waited_us {}", self.waited_us.load(Relaxed))
    }

    /// Reads the setting, sleeps, and looks whether it is still the same.
    fn read(&self, ms: u32) -> Result {
        let guard = self.domain.read_lock();
        if let Some(setting) = self.setting.read(&guard)? {
            let before = *setting;
            fsleep(Delta::from_millis(i64::from(ms)));
            if *setting != before {
                self.violations.fetch_add(1, Relaxed);
            }
        }
        self.reads.fetch_add(1, Relaxed);
        Ok(())
    }

    /// Publishes a setting and waits for the readers of the old one, in this domain alone.
    fn set(&self, value: u32) -> Result {
        let new = RcuBox::new(value, GFP_KERNEL)?;
        let old = self
            .setting
            .updater(&mut self.update.lock(), &self.domain)?
            .publish(new);
        if let Some(old) = old {
            let start = Instant::<Monotonic>::now();
            let mut old = old.synchronize();
            // Nobody reads it any more. One that did would see this and count a violation.
            *old = !value;
            self.waited_us
                .store(start.elapsed().as_micros_ceil(), Relaxed);
        }
        self.updates.fetch_add(1, Relaxed);
        Ok(())
    }
}

impl Commands for SrcuDomain {
    fn last_error(&self) -> &LastError {
        &self.last_error
    }

    fn execute(&self, line: &str) -> Result {
        let invalid = |what: fmt::Arguments<'_>| self.last_error.note(EINVAL, what);
        if line == "leak" {
            core::mem::forget(self.domain.read_lock());
            return Ok(());
        }
        match line.split_once(' ') {
            Some(("read", ms)) => {
                let ms = ms.parse().ok().filter(|ms| *ms <= MAX_READ_MS);
                self.read(ms.ok_or_else(|| {
                    invalid(fmt!("read: expected milliseconds from 0 to {MAX_READ_MS}"))
                })?)
            }
            Some(("set", value)) => self.set(
                value
                    .parse()
                    .map_err(|_| invalid(fmt!("set: expected a number from 0 to {}", u32::MAX)))?,
            ),
            _ => Err(invalid(fmt!("expected 'read MS', 'set VALUE' or 'leak'"))),
        }
    }
}
