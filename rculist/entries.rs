// SPDX-License-Identifier: GPL-2.0

//! The list itself: keys and values in the order in which they were added.

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
    list::{
        Node,
        Removed, //
    },
    RcuList, //
};

/// More entries than this are refused.
pub(crate) const MAX_ENTRIES: usize = 100_000;

/// A user's keys are below this; those from here on are the torture's.
pub(crate) const USER_KEYS: u64 = 1 << 48;

/// What a live entry's canary says.
const ALIVE: u64 = 0x616c_6976_6521_7263;

/// What the canary of a reclaimed entry says, for as long as its memory is not used again.
const DEAD: u64 = 0xdead_dead_dead_dead;

/// One entry. Readers see it while updaters change the list around it.
pub(crate) struct Entry {
    pub(crate) key: u64,
    pub(crate) value: u64,
    /// How often the key was updated since it was added.
    pub(crate) version: u64,
    /// Where it stands in the list: behind those with smaller numbers. A new version stands in the
    /// place of the old one, and no other entry ever does.
    pub(crate) place: u64,
    canary: Atomic<u64>,
}

impl Entry {
    fn new(key: u64, value: u64, version: u64, place: u64) -> Result<Node<Self>> {
        let entry = Self {
            key,
            value,
            version,
            place,
            canary: Atomic::new(ALIVE),
        };
        Ok(Node::new(entry, GFP_KERNEL)?)
    }

    /// Whether the entry was not reclaimed. A reader must always find it so.
    pub(crate) fn is_alive(&self) -> bool {
        self.canary.load(Relaxed) == ALIVE
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.canary.store(DEAD, Relaxed);
    }
}

/// How removed entries are reclaimed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reclaim {
    Synchronize,
    Expedited,
    Poll,
    CallRcu,
}

impl Reclaim {
    pub(crate) const ALL: [(&'static str, Self); 4] = [
        ("sync", Self::Synchronize),
        ("call", Self::CallRcu),
        ("poll", Self::Poll),
        ("expedited", Self::Expedited),
    ];

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, reclaim)| *reclaim)
    }

    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, reclaim)| *reclaim == self)
            .map_or("", |(name, _)| name)
    }
}

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
    retired: Atomic<u64>,
    /// Reclaimed by an updater that waited; what callbacks reclaim is the module's own account.
    reclaimed: Atomic<u64>,
    grace_periods: Atomic<u64>,
    max_pending: Atomic<u64>,
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
            reclaimed: Atomic::new(0),
            grace_periods: Atomic::new(0),
            max_pending: Atomic::new(0),
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
        self.push(&mut updater, key, value)
    }

    /// Adds entries until there are `count`, with keys behind the largest one. If there is none
    /// left behind it, that is `ENOSPC`.
    pub(crate) fn fill(&self, count: usize) -> Result {
        let mut updater = self.updater.lock();
        let used = self
            .list
            .iter(&rcu::read_lock())
            .map(|entry| entry.key)
            .filter(|key| *key < USER_KEYS)
            .max();
        let mut keys = used.map_or(0, |key| key + 1)..USER_KEYS;
        while updater.len < count {
            let key = keys.next().ok_or(ENOSPC)?;
            self.push(&mut updater, key, key)?;
        }
        Ok(())
    }

    fn push(&self, updater: &mut MutexGuard<'_, Updater>, key: u64, value: u64) -> Result {
        let node = Entry::new(key, value, 0, updater.next_place)?;
        self.list.push_back(updater, node)?;
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
        cursor.find(|entry| entry.key == key);
        let old = cursor.remove().ok_or(ENOENT)?;
        updater.len -= 1;
        self.updates.fetch_add(1, Relaxed);
        let reclaim = updater.reclaim;
        drop(updater);
        self.reclaim(old, reclaim);
        Ok(())
    }

    /// Removes all entries, each left to a callback: one grace period may serve them all.
    pub(crate) fn clear(&self) -> Result {
        let mut updater = self.updater.lock();
        let mut cursor = self.list.cursor(&mut updater)?;
        while let Some(old) = cursor.remove() {
            self.reclaim(old, Reclaim::CallRcu);
            self.updates.fetch_add(1, Relaxed);
        }
        updater.len = 0;
        Ok(())
    }

    /// Spends what was removed, in one of the four ways.
    fn reclaim(&self, old: Removed<Entry>, reclaim: Reclaim) {
        self.retired.fetch_add(1, Relaxed);
        self.note_pending();
        match reclaim {
            Reclaim::Synchronize => drop(old.synchronize()),
            Reclaim::Expedited => drop(old.synchronize_expedited()),
            Reclaim::Poll => {
                let mut polled = old.start_poll();
                while let Err(later) = polled.try_finish() {
                    polled = later;
                    kernel::time::delay::fsleep(kernel::time::Delta::from_micros(500));
                }
            }
            Reclaim::CallRcu => return old.call_rcu(),
        }
        self.grace_periods.fetch_add(1, Relaxed);
        self.reclaimed.fetch_add(1, Relaxed);
    }

    /// How many entries were removed and not reclaimed yet.
    fn pending(&self) -> u64 {
        let by_callback = rcu::retirements().total() - rcu::retirements().outstanding();
        let reclaimed = self.reclaimed.load(Relaxed) + by_callback.max(0) as u64;
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
