// SPDX-License-Identifier: GPL-2.0

//! What the list holds.

use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};
use rcu::list::Node;

/// What a live entry's canary says.
const ALIVE: u64 = 0x616c_6976_6521_7263;

/// What the canary of a reclaimed entry says, for as long as its memory is not used again.
const DEAD: u64 = 0xdead_dead_dead_dead;

/// How many entries were reclaimed.
static RECLAIMED: Atomic<u64> = Atomic::new(0);

/// How many entries were reclaimed since the module was loaded.
pub(crate) fn reclaimed() -> u64 {
    RECLAIMED.load(Relaxed)
}

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
    /// The bytes that an entry takes, but for what the allocator adds: a C struct with the same
    /// contents, a `list_head` and an `rcu_head` takes as many.
    pub(crate) const SIZE: usize = size_of::<Self>() + Node::<Self>::OVERHEAD;

    pub(crate) fn new(key: u64, value: u64, version: u64, place: u64) -> Result<Node<Self>> {
        let entry = Self {
            key,
            value,
            version,
            place,
            canary: Atomic::new(ALIVE),
        };
        Ok(Node::new(entry, GFP_KERNEL)?)
    }

    /// Whether the entry was made and not reclaimed. A reader must always find it so.
    pub(crate) fn is_alive(&self) -> bool {
        self.canary.load(Relaxed) == ALIVE
    }

    /// Undoes what made the entry alive, or does it again: see [`crate::bugs`].
    pub(crate) fn set_alive(&self, alive: bool) {
        self.canary.store(if alive { ALIVE } else { 0 }, Relaxed);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.canary.store(DEAD, Relaxed);
        RECLAIMED.fetch_add(1, Relaxed);
    }
}
