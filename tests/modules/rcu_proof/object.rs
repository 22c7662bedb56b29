// SPDX-License-Identifier: GPL-2.0

//! What is published, and what becomes of it.

use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        Arc, //
    },
};
use rcu::DropInSoftirq;

/// What a broken object holds.
const BROKEN: u32 = 0xdead_beef;

/// What becomes of the object of a round.
pub(crate) struct Fate {
    /// The reader is about to leave.
    left: Atomic<bool>,
    /// The object was broken.
    ended: Atomic<bool>,
    /// How often readers were said to be gone, or a callback to have run, too early.
    early: Atomic<u64>,
}

impl Fate {
    pub(crate) fn new() -> Result<Arc<Self>> {
        let fate = Self {
            left: Atomic::new(false),
            ended: Atomic::new(false),
            early: Atomic::new(0),
        };
        Ok(Arc::new(fate, GFP_KERNEL)?)
    }

    pub(crate) fn begin(&self) {
        self.left.store(false, Relaxed);
        self.ended.store(false, Relaxed);
    }

    pub(crate) fn reader_leaves(&self) {
        self.left.store(true, Release);
    }

    pub(crate) fn reader_has_left(&self) -> bool {
        self.left.load(Acquire)
    }

    /// Readers are said to be gone: are they?
    pub(crate) fn readers_are_gone(&self) {
        if !self.reader_has_left() {
            self.early.fetch_add(1, Relaxed);
        }
    }

    /// The callback is said to have run, and with it the drop: has it?
    pub(crate) fn callback_has_run(&self) {
        if !self.has_ended() {
            self.early.fetch_add(1, Relaxed);
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Acquire)
    }

    pub(crate) fn early(&self) -> u64 {
        self.early.load(Relaxed)
    }
}

/// An object that readers look at.
pub(crate) trait Payload: Send + Sync + Sized + 'static {
    fn new(fate: &Arc<Fate>, word: u32) -> Self;

    /// What the object holds: the same as long as it is whole.
    fn word(&self) -> u32;
}

/// An object whose drop breaks it.
pub(crate) struct Breaking {
    word: Atomic<u32>,
    fate: Arc<Fate>,
}

impl Payload for Breaking {
    fn new(fate: &Arc<Fate>, word: u32) -> Self {
        Self {
            word: Atomic::new(word),
            fate: fate.clone(),
        }
    }

    fn word(&self) -> u32 {
        self.word.load(Relaxed)
    }
}

impl Drop for Breaking {
    fn drop(&mut self) {
        self.word.store(BROKEN, Relaxed);
        self.fate.readers_are_gone();
        self.fate.ended.store(true, Release);
    }
}

// SAFETY: The drop stores to atomics and drops an `Arc` of others, which neither sleeps nor takes a
// lock.
unsafe impl DropInSoftirq for Breaking {}

/// An object that needs no drop: who gets its memory next breaks it.
pub(crate) struct Plain(Atomic<u32>);

impl Plain {
    pub(crate) fn broken() -> Self {
        Self(Atomic::new(BROKEN))
    }
}

impl Payload for Plain {
    fn new(_: &Arc<Fate>, word: u32) -> Self {
        Self(Atomic::new(word))
    }

    fn word(&self) -> u32 {
        self.0.load(Relaxed)
    }
}
