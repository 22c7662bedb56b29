// SPDX-License-Identifier: GPL-2.0

//! Grace periods per second, from a sample a second.

use core::fmt;
use kernel::{
    new_mutex,
    prelude::*,
    sync::Mutex, //
};
use wrappers::{
    rcu_state::{
        ExpSeq,
        GpSeq, //
    },
    time::mono_fast_ns, //
};

/// The spans that a rate is computed over, in seconds.
pub(super) const WINDOWS: [u64; 3] = [1, 10, 60];

/// As many samples as the longest window needs, whose first and last are included.
const SAMPLES: usize = 61;

const NS_PER_SECOND: u64 = 1_000_000_000;

#[derive(Clone, Copy, Default)]
struct Sample {
    ns: u64,
    normal: u64,
    /// None if there are no expedited grace periods.
    expedited: Option<u64>,
}

impl Sample {
    fn now() -> Self {
        Self {
            ns: mono_fast_ns(),
            normal: GpSeq::now().completed() as u64,
            expedited: ExpSeq::now().map(|seq| seq.completed() as u64),
        }
    }
}

/// The samples of the last minute. No probe on a tracepoint touches them.
#[pin_data]
pub(super) struct Rates {
    #[pin]
    samples: Mutex<Samples>,
}

struct Samples {
    ring: [Sample; SAMPLES],
    taken: usize,
}

impl Rates {
    pub(super) fn new() -> impl PinInit<Self> {
        let samples = Samples {
            ring: [Sample::default(); SAMPLES],
            taken: 0,
        };
        pin_init!(Self { samples <- new_mutex!(samples, "Rates::samples") })
    }

    /// To be called once a second.
    pub(super) fn sample(&self) {
        let samples = &mut *self.samples.lock();
        samples.ring[samples.taken % SAMPLES] = Sample::now();
        samples.taken += 1;
    }

    pub(super) fn forget(&self) {
        self.samples.lock().taken = 0;
    }

    /// The rates of normal and of expedited grace periods over the last so many seconds, if they
    /// were sampled for so long.
    pub(super) fn over(&self, seconds: u64) -> Option<(Rate, Option<Rate>)> {
        let samples = self.samples.lock();
        let last = samples.taken.checked_sub(1)?;
        let first = last.checked_sub(seconds as usize)?;
        let (first, last) = (samples.ring[first % SAMPLES], samples.ring[last % SAMPLES]);
        let ns = last.ns.saturating_sub(first.ns);
        let expedited = last.expedited.zip(first.expedited);
        Some((
            Rate::of(last.normal.wrapping_sub(first.normal), ns)?,
            expedited.and_then(|(last, first)| Rate::of(last.wrapping_sub(first), ns)),
        ))
    }
}

/// So many in ten seconds.
pub(super) struct Rate(u64);

impl Rate {
    fn of(count: u64, ns: u64) -> Option<Self> {
        count
            .saturating_mul(10 * NS_PER_SECOND)
            .checked_div(ns)
            .map(Self)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}
