// SPDX-License-Identifier: GPL-2.0

//! The list itself: keys and values in the order in which they were added.

use crate::{
    bugs::Bugs,
    entry::{
        self,
        Entry, //
    },
    reclaim::Reclaim, //
};
use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Full,
            Relaxed, //
        },
        lock::mutex::MutexGuard,
        Mutex, //
    },
};
use rcu::{
    list::Removed,
    RcuList, //
};

/// More entries than this are refused.
pub(crate) const MAX_ENTRIES: usize = 100_000;

/// A user's keys are below this; those from here on are the torture's.
pub(crate) const USER_KEYS: u64 = 1 << 48;

/// What an updater needs to have under the lock.
struct Updater {
    len: usize,
    next_place: u64,
    reclaim: Reclaim,
}

/// The list and its account.
#[pin_data]
pub(crate) struct Entries {
    #[pin]
    updater: Mutex<Updater>,
    #[pin]
    list: RcuList<Entry>,
    updates: Atomic<u64>,
    /// Removed, and not by leaving the list whole to its drop.
    retired: Atomic<u64>,
    grace_periods: Atomic<u64>,
    max_pending: Atomic<u64>,
    pub(crate) bugs: Bugs,
}

/// A reading of the account.
pub(crate) struct Account {
    pub(crate) entries: usize,
    pub(crate) reclaim: Reclaim,
    pub(crate) updates: u64,
    pub(crate) retired: u64,
    pub(crate) pending: u64,
    pub(crate) grace_periods: u64,
    pub(crate) max_pending: u64,
}

impl Entries {
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            updater <- new_mutex!(
                Updater { len: 0, next_place: 1, reclaim: Reclaim::CallRcu },
                "rculist::updater"
            ),
            list <- RcuList::new(&updater),
            updates: Atomic::new(0),
            retired: Atomic::new(0),
            grace_periods: Atomic::new(0),
            max_pending: Atomic::new(0),
            bugs: Bugs::none(),
        })
    }

    /// The list, for readers.
    pub(crate) fn list(&self) -> &RcuList<Entry> {
        &self.list
    }

    pub(crate) fn set_reclaim(&self, reclaim: Reclaim) {
        self.updater.lock().reclaim = reclaim;
    }

    /// Adds an entry at the end. A key that is there already is `EEXIST`, a full list `ENOSPC`.
    pub(crate) fn add(&self, key: u64, value: u64) -> Result {
        let mut updater = self.updater.lock();
        if updater.len >= MAX_ENTRIES {
            return Err(ENOSPC);
        }
        if self.list.cursor(&mut updater)?.find(|e| e.key == key) {
            return Err(EEXIST);
        }
        self.push(&mut updater, key, value)?;
        if key >= USER_KEYS && self.bugs.publishes_early() {
            Bugs::linger();
            let mut cursor = self.list.cursor(&mut updater)?;
            cursor.find(|entry| entry.key == key);
            cursor.current().ok_or(ENOENT)?.set_alive(true);
        }
        Ok(())
    }

    /// Adds entries until there are `count`, with keys behind the largest one; all, or none. If
    /// there are not as many keys left behind it, that is `ENOSPC`.
    pub(crate) fn fill(&self, count: usize) -> Result {
        let mut updater = self.updater.lock();
        let used = self
            .list
            .iter(&rcu::read_lock())
            .map(|entry| entry.key)
            .filter(|key| *key < USER_KEYS)
            .max();
        let mut keys = used.map_or(0, |key| key + 1)..USER_KEYS;
        let first = updater.next_place;
        while updater.len < count {
            let added = keys
                .next()
                .ok_or(ENOSPC)
                .and_then(|key| self.push(&mut updater, key, key));
            if let Err(error) = added {
                self.remove_if(&mut updater, |entry| entry.place >= first)?;
                return Err(error);
            }
        }
        Ok(())
    }

    fn push(&self, updater: &mut MutexGuard<'_, Updater>, key: u64, value: u64) -> Result {
        let node = Entry::new(key, value, 0, updater.next_place)?;
        if key >= USER_KEYS && self.bugs.publishes_early() {
            node.set_alive(false);
        }
        self.list.cursor(updater)?.push_back(node);
        updater.next_place += 1;
        updater.len += 1;
        self.updates.fetch_add(1, Relaxed);
        Ok(())
    }

    /// Replaces the entry of `key` by a new version. An unknown key is `ENOENT`.
    pub(crate) fn update(&self, key: u64, value: u64) -> Result {
        let mut updater = self.updater.lock();
        let reclaim = updater.reclaim;
        let mut cursor = self.list.cursor(&mut updater)?;
        if !cursor.find(|entry| entry.key == key) {
            return Err(ENOENT);
        }
        let old = cursor.current().ok_or(ENOENT)?;
        let new = Entry::new(key, value, old.version + 1, old.place)?;
        let old = cursor.replace(new).map_err(|_| ENOENT)?;
        self.updates.fetch_add(1, Relaxed);
        drop(updater);
        self.reclaim(old, reclaim);
        Ok(())
    }

    /// Removes the entry of `key`. An unknown key is `ENOENT`.
    pub(crate) fn delete(&self, key: u64) -> Result {
        let mut updater = self.updater.lock();
        let mut cursor = self.list.cursor(&mut updater)?;
        if !cursor.find(|entry| entry.key == key) {
            return Err(ENOENT);
        }
        let old = if key >= USER_KEYS {
            self.bugs.remove(&mut cursor)
        } else {
            cursor.remove()
        };
        updater.len -= 1;
        self.updates.fetch_add(1, Relaxed);
        let reclaim = updater.reclaim;
        drop(updater);
        if let Some(old) = old {
            self.reclaim(old, reclaim);
        }
        Ok(())
    }

    /// Removes all entries of users, as one: a grace period serves them all.
    pub(crate) fn clear(&self) -> Result {
        let mut updater = self.updater.lock();
        let reclaim = updater.reclaim;
        if self.has_torture_entries() {
            return self.remove_if(&mut updater, |entry| entry.key < USER_KEYS);
        }
        let Some(chain) = self.list.cursor(&mut updater)?.take_all() else {
            return Ok(());
        };
        self.account_for(updater.len);
        updater.len = 0;
        drop(updater);
        if reclaim.spend(chain) {
            self.grace_periods.fetch_add(1, Relaxed);
        }
        Ok(())
    }

    /// Takes all entries out, waits for the readers that are among them, and puts them back.
    ///
    /// No update is made meanwhile. Readers that come meanwhile find nothing.
    pub(crate) fn splice(&self) -> Result {
        let mut updater = self.updater.lock();
        if let Some(chain) = self.list.cursor(&mut updater)?.take_all() {
            self.list
                .cursor(&mut updater)?
                .splice_front(chain.synchronize());
            self.grace_periods.fetch_add(1, Relaxed);
        }
        Ok(())
    }

    fn has_torture_entries(&self) -> bool {
        let guard = rcu::read_lock();
        let mut entries = self.list.iter(&guard);
        entries.any(|entry| entry.key >= USER_KEYS)
    }

    /// Removes entries one by one, each left to a callback.
    fn remove_if(
        &self,
        updater: &mut MutexGuard<'_, Updater>,
        unwanted: impl Fn(&Entry) -> bool,
    ) -> Result {
        let mut removed = 0;
        self.list.cursor(updater)?.retain(
            |entry| !unwanted(entry),
            |old| {
                removed += 1;
                old.call_rcu();
            },
        );
        updater.len -= removed;
        self.account_for(removed);
        Ok(())
    }

    /// Notes that so many entries were removed.
    fn account_for(&self, removed: usize) {
        self.updates.fetch_add(removed as u64, Relaxed);
        self.retired.fetch_add(removed as u64, Relaxed);
        self.note_pending();
    }

    /// Spends what was removed, in one of the four ways.
    fn reclaim(&self, old: Removed<Entry>, reclaim: Reclaim) {
        self.retired.fetch_add(1, Relaxed);
        self.note_pending();
        let old = if old.key >= USER_KEYS {
            self.bugs.free(old)
        } else {
            Some(old)
        };
        if old.is_some_and(|old| reclaim.spend(old)) {
            self.grace_periods.fetch_add(1, Relaxed);
        }
    }

    /// How many entries were removed and not reclaimed yet.
    fn pending(&self) -> u64 {
        // The smaller number first, so that the difference is never negative.
        let reclaimed = entry::reclaimed();
        self.retired.load(Relaxed).saturating_sub(reclaimed)
    }

    fn note_pending(&self) {
        let pending = self.pending();
        let mut max = self.max_pending.load(Relaxed);
        while pending > max {
            match self.max_pending.cmpxchg(max, pending, Full) {
                Ok(_) => break,
                Err(now) => max = now,
            }
        }
    }

    pub(crate) fn account(&self) -> Account {
        let updater = self.updater.lock();
        Account {
            entries: updater.len,
            reclaim: updater.reclaim,
            updates: self.updates.load(Relaxed),
            retired: self.retired.load(Relaxed),
            pending: self.pending(),
            grace_periods: self.grace_periods.load(Relaxed),
            max_pending: self.max_pending.load(Relaxed),
        }
    }
}
