// SPDX-License-Identifier: GPL-2.0

//! The litmus test of grace periods: a reader that entered before keeps its object.
//!
//! A pair of threads plays rounds. The reader enters a section, follows the pointer, tells so,
//! lets the updater unlink the object, if that comes soon enough, dawdles, and leaves. The updater
//! gets rid of the object in one of the [`ways`](crate::ways). Whoever has it then breaks it. By that time the reader
//! must be about to leave, or have left, and until then it must have seen its object whole.
//!
//! ```text
//! reader    enter ── follow ── inside! ─ ─ ─ ─ ─ ─ ─ ▶ ─ delay ─ whole? ─ left! ─ leave
//!                                 │                  ▲                     │
//! updater                         ▼ ─ delay ─ unlinked! ─ delay ─ wait ─ ─ ▼ ─ left? ─ break
//! ```

use crate::{
    delay::{
        nap,
        Dice, //
    },
    object::{
        Fate,
        Payload, //
    },
    places::Place,
    ways::Way,
};
use kernel::{
    fmt,
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
use rcu::RcuBox;
use wrappers::kthread::KThread;

/// What came of the rounds of one way.
pub(crate) struct Outcome {
    place: &'static str,
    way: &'static str,
    rounds: u64,
    met: u64,
    /// How often readers were said to be gone, or a callback to have run, and it was not so.
    early: u64,
    /// How often a reader saw its object broken.
    broken: u64,
}

impl core::fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            way,
            rounds,
            met,
            early,
            broken,
        } = self;
        write!(f, "{place}/{way} {rounds} {met} {early} {broken}")
    }
}

// The steps of a round, in order, and the end of all rounds.
const IDLE: u32 = 0;
const READY: u32 = 1;
const INSIDE: u32 = 2;
const OUT: u32 = 3;
const DONE: u32 = 4;

/// What a reader and an updater share.
#[pin_data]
struct Pair<P> {
    #[pin]
    place: P,
    fate: Arc<Fate>,
    step: Atomic<u32>,
    /// The rounds are to end, wherever they are.
    over: Atomic<bool>,
    unlinked: Atomic<bool>,
    rounds: Atomic<u64>,
    /// Rounds in which the reader was inside when the object was unlinked.
    met: Atomic<u64>,
    broken: Atomic<u64>,
    /// An allocation failed, and the rounds ended early.
    failed: Atomic<bool>,
}

/// A pair at play.
///
/// A thread that is stopped before it has begun never begins, and its partner would wait for it. So
/// their rounds are over first.
struct Playing<P: Place> {
    // Dropped in this order.
    rounds: Rounds<P>,
    _reader: KThread,
    _updater: KThread,
}

/// The rounds of a pair, which are over when this is dropped.
struct Rounds<P>(Arc<Pair<P>>);

impl<P> Drop for Rounds<P> {
    fn drop(&mut self) {
        self.0.over.store(true, Relaxed);
    }
}

impl<P: Place> Playing<P> {
    fn start(way: P::Way, number: u32, rounds: u32) -> Result<Self> {
        let pair: Arc<Pair<P>> = Arc::pin_init(Pair::new(), GFP_KERNEL)?;
        let (reader, updater) = (pair.clone(), pair.clone());
        let reader = KThread::spawn(c"rcu_reader", None, move |_| {
            reader.read_all(&mut Dice::new(2 * number));
        })?;
        // From here on dropped before the reader, which is what it takes if the updater fails.
        let pair = Rounds(pair);
        let updater = KThread::spawn(c"rcu_updater", None, move |_| {
            updater.update_all(way, rounds, &mut Dice::new(2 * number + 1));
        })?;
        Ok(Self {
            rounds: pair,
            _reader: reader,
            _updater: updater,
        })
    }
}

/// Plays so many rounds of a way, with so many pairs at once; a tenth of them in a slow place.
pub(crate) fn play<P: Place>(way: P::Way, pairs: u32, rounds: u32) -> Result<Outcome> {
    let rounds = if P::SLOW { rounds.div_ceil(10) } else { rounds };
    let mut playing = KVec::new();
    for number in 0..pairs {
        playing.push(Playing::<P>::start(way, number, rounds)?, GFP_KERNEL)?;
    }
    let mut outcome = Outcome {
        place: P::NAME,
        way: way.name(),
        rounds: 0,
        met: 0,
        early: 0,
        broken: 0,
    };
    for one in &playing {
        let pair = &one.rounds.0;
        pair.wait_for(|step| step == DONE);
        if pair.failed.load(Relaxed) {
            return Err(ENOMEM);
        }
        outcome.rounds += pair.rounds.load(Relaxed);
        outcome.met += pair.met.load(Relaxed);
        outcome.early += pair.fate.early();
        outcome.broken += pair.broken.load(Relaxed);
    }
    Ok(outcome)
}

impl<P: Place> Pair<P> {
    fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            place <- P::new(),
            fate: Fate::new()?,
            step: Atomic::new(IDLE),
            over: Atomic::new(false),
            unlinked: Atomic::new(false),
            rounds: Atomic::new(0),
            met: Atomic::new(0),
            broken: Atomic::new(0),
            failed: Atomic::new(false),
        })
    }

    /// Waits for a step, or for the end of all; returns which came.
    fn wait_for(&self, steps: impl Fn(u32) -> bool) -> u32 {
        loop {
            let now = if self.over.load(Relaxed) {
                DONE
            } else {
                self.step.load(Acquire)
            };
            if steps(now) || now == DONE {
                return now;
            }
            nap();
        }
    }

    fn read_all(&self, dice: &mut Dice) {
        while self.wait_for(|step| step == READY) == READY {
            self.place.read(dice, |object, dice| {
                let before = object.map(Payload::word);
                self.step.store(INSIDE, Release);
                if dice.spin_until(|| self.unlinked.load(Acquire)) {
                    self.met.fetch_add(1, Relaxed);
                }
                P::dawdle(dice);
                if object.map(Payload::word) != before {
                    self.broken.fetch_add(1, Relaxed);
                }
                self.fate.reader_leaves();
            });
            self.step.store(OUT, Release);
        }
    }

    fn update_all(&self, way: P::Way, rounds: u32, dice: &mut Dice) {
        for round in 0..rounds {
            let Ok(object) = RcuBox::new(P::Object::new(&self.fate, round), GFP_KERNEL) else {
                self.failed.store(true, Relaxed);
                break;
            };
            self.place.publish(object);
            self.fate.begin();
            self.unlinked.store(false, Relaxed);
            self.step.store(READY, Release);
            if self.wait_for(|step| step >= INSIDE) == DONE {
                break;
            }
            dice.spin();
            self.place
                .retire(way, &self.fate, dice, || self.unlinked.store(true, Release));
            self.wait_for(|step| step == OUT);
            self.rounds.fetch_add(1, Relaxed);
        }
        self.step.store(DONE, Release);
    }
}
