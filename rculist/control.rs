// SPDX-License-Identifier: GPL-2.0

//! What may be written to `control`, one line at a time.

use crate::{
    bugs::Bug,
    entries::{
        Entries,
        MAX_ENTRIES,
        USER_KEYS, //
    },
    params,
    reclaim::Reclaim,
    torture::{
        Plan,
        Torture,
        MAX_READERS,
        MAX_UPDATERS, //
    },
    walk::Walks,
};
use core::str::FromStr;
use kernel::{
    fmt,
    prelude::*,
    time::Delta, //
};
use wrappers::control::LastError;

/// A longer torture run than this is refused, in seconds.
const MAX_SECS: u32 = 3600;

/// A walk that lingers longer at an entry is refused, in milliseconds.
const MAX_LINGER: i64 = 500;

const USAGE: &str = "expected 'add KEY VALUE', 'update KEY VALUE', 'del KEY', 'clear', 'fill N', \
     'reclaim sync|call|poll|expedited', 'splice', 'walk MS' or \
     'torture readers=N updaters=N secs=N'";

/// What a line may change.
pub(crate) struct Control<'a> {
    pub(crate) entries: &'a Entries,
    pub(crate) torture: &'a Torture,
    pub(crate) walks: &'a Walks,
    pub(crate) last_error: &'a LastError,
}

impl Control<'_> {
    /// Carries a line out, as a whole or not at all, and notes why not.
    pub(crate) fn execute(&self, line: &str) -> Result {
        if line.starts_with("walk") {
            return self.carry_out(line);
        }
        self.walks.begin(line);
        let result = self.carry_out(line);
        self.walks.done();
        result
    }

    fn carry_out(&self, line: &str) -> Result {
        let entries = self.entries;
        let mut words = line.split_ascii_whitespace();
        let command = words.next();
        let words = [(); 5].map(|()| words.next());
        match (command, words) {
            (Some("add"), [Some(key), Some(value), None, ..]) => {
                let (key, value) = (self.key(key)?, self.number("VALUE", value)?);
                entries
                    .add(key, value)
                    .map_err(|error| self.refused(error, "add", key))
            }
            (Some("update"), [Some(key), Some(value), None, ..]) => {
                let (key, value) = (self.key(key)?, self.number("VALUE", value)?);
                entries
                    .update(key, value)
                    .map_err(|error| self.refused(error, "update", key))
            }
            (Some("del"), [Some(key), None, ..]) => {
                let key = self.key(key)?;
                entries
                    .delete(key)
                    .map_err(|error| self.refused(error, "del", key))
            }
            (Some("clear"), [None, ..]) => entries.clear(),
            (Some("fill"), [Some(count), None, ..]) => {
                let count = self.range("fill", count, 0, MAX_ENTRIES)?;
                entries.fill(count).map_err(|error| {
                    self.last_error
                        .note(error, fmt!("fill: not done, no key or no memory is left"))
                })
            }
            (Some("reclaim"), [Some(name), None, ..]) => {
                entries.set_reclaim(Reclaim::parse(name).ok_or_else(|| {
                    self.invalid(fmt!(
                        "reclaim '{name}': expected 'sync', 'call', 'poll' or 'expedited'"
                    ))
                })?);
                Ok(())
            }
            (Some("splice"), [None, ..]) => entries.splice(),
            (Some("walk"), [Some(millis), None, ..]) => {
                let millis = self.range("walk", millis, 1, MAX_LINGER)?;
                self.walks
                    .start(Delta::from_millis(millis))
                    .map_err(|error| {
                        self.last_error
                            .note(error, fmt!("walk: not started, one is under way"))
                    })
            }
            (Some("torture"), [a, b, c, d, None]) => {
                let plan = self.plan([a, b, c, d])?;
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

    fn plan(&self, words: [Option<&str>; 4]) -> Result<Plan> {
        let mut plan = Plan {
            readers: params::readers().min(MAX_READERS),
            updaters: params::updaters().min(MAX_UPDATERS),
            secs: 5,
            bug: None,
        };
        for word in words.into_iter().flatten() {
            match word.split_once('=') {
                Some(("readers", n)) => plan.readers = self.range("readers", n, 0, MAX_READERS)?,
                Some(("updaters", n)) => {
                    plan.updaters = self.range("updaters", n, 0, MAX_UPDATERS)?
                }
                Some(("secs", n)) => plan.secs = self.range("secs", n, 1, MAX_SECS)?,
                Some(("inject", name)) => plan.bug = Some(self.bug(name)?),
                _ => {
                    return Err(self.invalid(fmt!(
                        "torture: '{word}': expected readers=N, updaters=N, secs=N or inject=BUG"
                    )))
                }
            }
        }
        Ok(plan)
    }

    fn bug(&self, name: &str) -> Result<Bug> {
        let bug = Bug::parse(name).ok_or_else(|| {
            self.invalid(fmt!(
                "inject: '{name}': expected early-free, missing-barrier or double-remove"
            ))
        })?;
        if params::inject() {
            Ok(bug)
        } else {
            Err(self.last_error.note(
                EPERM,
                fmt!("inject: only in a module that was loaded with inject=1"),
            ))
        }
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
