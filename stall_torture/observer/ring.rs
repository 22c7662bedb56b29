// SPDX-License-Identifier: GPL-2.0

//! A ring of console records that any context may write to, NMI too.
//!
//! It is lockless: a writer takes a slot by moving `head`, fills it, and hands it over by the
//! slot's `turn`. A writer that is interrupted in between delays what came after it, and stops
//! nobody. When the ring is full, records are dropped and counted.

use super::text::Text;
use core::cmp::Ordering;
use kernel::{
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Relaxed,
        Release, //
    },
};
use wrappers::cpu::Context;

const WORD: usize = size_of::<u64>();
const WORDS: usize = Text::CAPACITY / WORD;

/// What one `printk()` said.
#[derive(Clone, Copy)]
pub(crate) struct Record {
    /// When, on the monotonic clock, in nanoseconds.
    pub(crate) at: u64,
    pub(crate) cpu: u32,
    pub(crate) context: Context,
    pub(crate) text: Text,
}

/// The words are atomic only so that a slot can be shared; `turn` orders them.
struct Slot {
    /// Equal to a position: free for the writer of that position. One more than a position: filled
    /// for the reader of that position.
    turn: Atomic<u64>,
    at: Atomic<u64>,
    cpu: Atomic<u32>,
    context: Atomic<u64>,
    len: Atomic<usize>,
    words: [Atomic<u64>; WORDS],
}

pub(crate) struct Ring {
    slots: KVVec<Slot>,
    head: Atomic<u64>,
    tail: Atomic<u64>,
    dropped: Atomic<u64>,
}

impl Ring {
    /// Makes a ring for at least `size` records.
    pub(crate) fn new(size: usize) -> Result<Self> {
        // A slot of a ring of one would look free and filled at once.
        let size = size.max(2).next_power_of_two();
        let mut slots = KVVec::with_capacity(size, GFP_KERNEL)?;
        for turn in 0..size as u64 {
            slots.push(
                Slot {
                    turn: Atomic::new(turn),
                    at: Atomic::new(0),
                    cpu: Atomic::new(0),
                    context: Atomic::new(0),
                    len: Atomic::new(0),
                    words: [const { Atomic::new(0) }; WORDS],
                },
                GFP_KERNEL,
            )?;
        }
        Ok(Self {
            slots,
            head: Atomic::new(0),
            tail: Atomic::new(0),
            dropped: Atomic::new(0),
        })
    }

    fn slot(&self, position: u64) -> &Slot {
        // The length is a power of two.
        &self.slots[position as usize & (self.slots.len() - 1)]
    }

    /// Adds a record, or counts it as dropped when the ring is full. Any context.
    pub(crate) fn push(&self, at: u64, cpu: u32, context: Context, text: &[u8]) {
        let mut position = self.head.load(Relaxed);
        let slot = loop {
            let slot = self.slot(position);
            let turn = slot.turn.load(Acquire);
            match turn.cmp(&position) {
                Ordering::Equal => match self.head.cmpxchg(position, position + 1, Relaxed) {
                    Ok(_) => break slot,
                    Err(head) => position = head,
                },
                Ordering::Less => {
                    self.dropped.fetch_add(1, Relaxed);
                    return;
                }
                Ordering::Greater => position = self.head.load(Relaxed),
            }
        };

        slot.at.store(at, Relaxed);
        slot.cpu.store(cpu, Relaxed);
        slot.context.store(pack(context), Relaxed);
        slot.len.store(text.len(), Relaxed);
        for (word, bytes) in slot.words.iter().zip(text.chunks(WORD)) {
            let mut padded = [0; WORD];
            padded[..bytes.len()].copy_from_slice(bytes);
            word.store(u64::from_le_bytes(padded), Relaxed);
        }
        // Pairs with the load in `pop`: who sees the turn sees the record.
        slot.turn.store(position + 1, Release);
    }

    /// Takes the oldest record. There is one reader.
    pub(crate) fn pop(&self) -> Option<Record> {
        let position = self.tail.load(Relaxed);
        let slot = self.slot(position);
        if slot.turn.load(Acquire) != position + 1 {
            return None;
        }

        let mut bytes = [0; Text::CAPACITY];
        for (word, bytes) in slot.words.iter().zip(bytes.chunks_mut(WORD)) {
            bytes.copy_from_slice(&word.load(Relaxed).to_le_bytes());
        }
        let len = slot.len.load(Relaxed);
        let mut text = Text::new(&bytes[..len.min(bytes.len())]);
        if len > bytes.len() {
            text.cut();
        }
        let record = Record {
            at: slot.at.load(Relaxed),
            cpu: slot.cpu.load(Relaxed),
            context: unpack(slot.context.load(Relaxed)),
            text,
        };

        // Pairs with the load in `push`: the slot is written again only after it was read.
        slot.turn.store(position + self.slots.len() as u64, Release);
        self.tail.store(position + 1, Relaxed);
        Some(record)
    }

    /// How many records found no room.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }
}

fn pack(context: Context) -> u64 {
    let (kind, id) = match context {
        Context::Task(pid) => (0, pid as u32),
        Context::Softirq(cpu) => (1, cpu),
        Context::Hardirq(cpu) => (2, cpu),
        Context::Nmi(cpu) => (3, cpu),
    };
    kind << 32 | u64::from(id)
}

fn unpack(packed: u64) -> Context {
    let id = packed as u32;
    match packed >> 32 {
        0 => Context::Task(id as i32),
        1 => Context::Softirq(id),
        2 => Context::Hardirq(id),
        _ => Context::Nmi(id),
    }
}

#[kunit_tests(rculab_ring)]
mod tests {
    use super::*;

    fn push(ring: &Ring, at: u64, text: &[u8]) {
        ring.push(at, 1, Context::Nmi(1), text);
    }

    #[test]
    fn gives_back_in_order_what_was_pushed() -> Result {
        let ring = Ring::new(4)?;
        ring.push(7, 3, Context::Task(-1), b"one");
        ring.push(8, 0, Context::Hardirq(0), b"");

        let one = ring.pop().ok_or(EINVAL)?;
        assert_eq!((one.at, one.cpu, one.context), (7, 3, Context::Task(-1)));
        assert_eq!(one.text.as_bytes(), b"one");
        let two = ring.pop().ok_or(EINVAL)?;
        assert_eq!((two.at, two.cpu, two.context), (8, 0, Context::Hardirq(0)));
        assert_eq!(two.text.as_bytes(), b"");
        assert!(ring.pop().is_none());
        Ok(())
    }

    #[test]
    fn counts_what_finds_no_room_and_keeps_the_oldest() -> Result {
        let ring = Ring::new(4)?;
        for at in 0..10 {
            push(&ring, at, b"x");
        }
        assert_eq!(ring.dropped(), 6);
        for at in 0..4 {
            assert_eq!(ring.pop().map(|record| record.at), Some(at));
        }
        assert!(ring.pop().is_none());

        push(&ring, 11, b"y");
        assert_eq!(ring.pop().map(|record| record.at), Some(11));
        assert_eq!(ring.dropped(), 6);
        Ok(())
    }

    #[test]
    fn goes_round_many_times() -> Result {
        let ring = Ring::new(2)?;
        for at in 0..1000 {
            push(&ring, at, b"a");
            push(&ring, at, b"b");
            assert!(ring
                .pop()
                .is_some_and(|r| r.at == at && r.text.as_bytes() == b"a"));
            assert!(ring
                .pop()
                .is_some_and(|r| r.at == at && r.text.as_bytes() == b"b"));
        }
        assert_eq!(ring.dropped(), 0);
        Ok(())
    }

    #[test]
    fn cuts_long_text_and_says_so() -> Result {
        let ring = Ring::new(2)?;
        push(&ring, 0, &[b'l'; Text::CAPACITY]);
        let fits = ring.pop().ok_or(EINVAL)?;
        assert!(!fits.text.is_cut() && fits.text.as_bytes().len() == Text::CAPACITY);
        push(&ring, 0, &[b'l'; Text::CAPACITY + 1]);
        let cut = ring.pop().ok_or(EINVAL)?;
        assert!(cut.text.is_cut() && cut.text.as_bytes().len() == Text::CAPACITY);
        Ok(())
    }
}
