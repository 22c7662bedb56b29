// SPDX-License-Identifier: GPL-2.0

//! What the kernel's words mean to a probe: each is read once, and then known by its address.

use core::marker::PhantomData;
use kernel::sync::atomic::{
    Atomic,
    Relaxed, //
};
use wrappers::tracepoint::rcu::Word;

/// Several times as many as a tracepoint of RCU has words, so that most have the place they want.
const PLACES: usize = 64;

/// What a probe makes of some words of its tracepoint.
pub(super) trait Meaning: Copy + 'static {
    const WORDS: &'static [(&'static str, Self)];
}

/// The words of one tracepoint that were read already.
///
/// A word of the kernel image stays where it is, so what was found there holds for ever. There is no
/// lock: a place is written once.
pub(super) struct Words<M> {
    /// A word's address without its top byte, which all addresses of the kernel have in common, and
    /// below it one more than the index of its meaning, or [`NONE`]; 0 for a free place.
    places: [Atomic<u64>; PLACES],
    _meaning: PhantomData<M>,
}

/// Instead of an index, for a word that means nothing to the probe.
const NONE: u64 = 0xff;

impl<M> Default for Words<M> {
    fn default() -> Self {
        Self {
            places: [const { Atomic::new(0) }; PLACES],
            _meaning: PhantomData,
        }
    }
}

impl<M: Meaning> Words<M> {
    /// What a word means, if anything. Any context.
    #[inline]
    pub(super) fn meaning(&self, word: Word) -> Option<M> {
        let address = word.address();
        for step in 0..PLACES {
            let known = self.places[place(address, step)].load(Relaxed);
            if known ^ key(address) <= NONE {
                let index = (known & NONE) as usize - 1;
                return M::WORDS.get(index).map(|(_, meaning)| *meaning);
            }
            if known == 0 {
                break;
            }
        }
        self.learn(word)
    }

    /// Reads a word, and keeps what it means.
    #[cold]
    fn learn(&self, word: Word) -> Option<M> {
        let address = word.address();
        let index = M::WORDS
            .iter()
            .position(|(text, _)| text.as_bytes() == word.bytes());
        let entry = key(address) | index.map_or(NONE, |index| index as u64 + 1);
        for step in 0..PLACES {
            match self.places[place(address, step)].cmpxchg(0, entry, Relaxed) {
                // Another CPU may have learned the same word meanwhile, or one for the same place.
                Err(other) if other != entry => {}
                _ => break,
            }
        }
        index.map(|index| M::WORDS[index].1)
    }
}

/// Where a word is looked for after so many other places.
#[inline]
fn place(address: usize, step: usize) -> usize {
    address.wrapping_add(step) % PLACES
}

#[inline]
fn key(address: usize) -> u64 {
    (address as u64) << 8
}

#[cfg(CONFIG_KUNIT = "y")]
#[kernel::prelude::kunit_tests(rculab_gp_words)]
mod tests {
    use super::*;
    use kernel::prelude::*;

    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    enum Number {
        One,
        Two,
    }

    impl Meaning for Number {
        const WORDS: &'static [(&'static str, Self)] =
            &[("one", Number::One), ("two", Number::Two)];
    }

    #[test]
    fn each_time_the_same() {
        let words = Words::<Number>::default();
        for _ in 0..3 {
            assert_eq!(words.meaning(Word::of(c"one")), Some(Number::One));
            assert_eq!(words.meaning(Word::of(c"three")), None);
            assert_eq!(words.meaning(Word::of(c"two")), Some(Number::Two));
        }
        let taken = words.places.iter().filter(|place| place.load(Relaxed) != 0);
        assert_eq!(taken.count(), 3);
    }

    #[test]
    fn there_may_be_too_many() {
        // As many words as addresses: each is the end of the one before.
        const LONG: &CStr = c"..............................................................two";
        let words = Words::<Number>::default();
        for _ in 0..2 {
            for start in 0..=LONG.to_bytes().len() {
                let Ok(word) = CStr::from_bytes_with_nul(&LONG.to_bytes_with_nul()[start..]) else {
                    continue;
                };
                let expected = (word == c"two").then_some(Number::Two);
                assert_eq!(words.meaning(Word::of(word)), expected);
            }
        }
        assert!(words.places.iter().all(|place| place.load(Relaxed) != 0));
    }
}
