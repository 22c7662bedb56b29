// SPDX-License-Identifier: GPL-2.0

//! Bugs to order, which prove that the checks notice them.
//!
//! Only a module that was loaded with `inject=1` makes them, in a torture run that asks for one,
//! and with the torture's own entries.

use crate::entry::Entry;
use kernel::{
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
    time::{
        delay::{
            fsleep,
            udelay, //
        },
        Delta, //
    },
};
use rcu::{
    list::{
        sabotage::Sabotage,
        Cursor,
        Forward,
        Removed,
        Sole, //
    },
    Vanilla, //
};

/// A bug that a torture run is to have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    /// Removed entries are freed without a grace period.
    EarlyFree,
    /// Entries are published before their contents, as a machine may do where the barrier is
    /// missing.
    MissingBarrier,
    /// An entry is removed twice.
    DoubleRemove,
}

impl Bug {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "early-free" => Some(Self::EarlyFree),
            "missing-barrier" => Some(Self::MissingBarrier),
            "double-remove" => Some(Self::DoubleRemove),
            _ => None,
        }
    }
}

/// The bug of the present run, if it has one.
pub(crate) struct Bugs(Atomic<u32>);

impl Bugs {
    pub(crate) const fn none() -> Self {
        Self(Atomic::new(0))
    }

    pub(crate) fn set(&self, bug: Option<Bug>) {
        self.0.store(bug.map_or(0, |bug| bug as u32 + 1), Relaxed);
    }

    fn is(&self, bug: Bug) -> bool {
        self.0.load(Relaxed) == bug as u32 + 1
    }

    /// Whether entries are to be published before they are whole.
    pub(crate) fn publishes_early(&self) -> bool {
        self.is(Bug::MissingBarrier)
    }

    /// Lets time pass in which readers see an entry that is not whole yet.
    pub(crate) fn linger() {
        fsleep(Delta::from_micros(100));
    }

    /// Lets a reader stand on an entry for longer than it takes to have it freed, where entries are
    /// freed early. Without that it is chance whether a reader is there in that moment.
    pub(crate) fn dwell(&self) {
        if self.is(Bug::EarlyFree) {
            udelay(Delta::from_millis(1));
        }
    }

    /// Removes the entry here, once or, the first time, twice.
    pub(crate) fn remove(
        &self,
        cursor: &mut Cursor<'_, Entry, 0, Sole, Vanilla, Forward>,
    ) -> Option<Removed<Entry>> {
        if self.is(Bug::DoubleRemove) && cursor.current().is_some() {
            self.set(None);
            return Sabotage::begin().remove_twice(cursor);
        }
        cursor.remove()
    }

    /// Frees what was removed at once, or gives it back.
    pub(crate) fn free(&self, old: Removed<Entry>) -> Option<Removed<Entry>> {
        if self.is(Bug::EarlyFree) {
            Sabotage::begin().drop_early(old);
            return None;
        }
        Some(old)
    }
}
