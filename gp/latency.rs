// SPDX-License-Identifier: GPL-2.0

//! The module's own probes: threads that ask RCU for something, again and again, and measure how
//! long it takes.

use super::counters::Counters;
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
    time::Delta, //
};
use wrappers::{
    callback::TimedCallback,
    kthread::{
        KThread,
        ThisThread, //
    },
    time::mono_fast_ns, //
};

/// How often each probe measures, in hertz; 0 is not at all.
pub(super) struct Rate(Atomic<u32>);

impl Rate {
    pub(super) const DEFAULT: u32 = 10;
    pub(super) const MAX: u32 = 1000;

    pub(super) fn new() -> Self {
        Self(Atomic::new(Self::DEFAULT))
    }

    pub(super) fn get(&self) -> u32 {
        self.0.load(Relaxed)
    }

    pub(super) fn set(&self, hz: u32) {
        self.0.store(hz, Relaxed);
    }
}

/// The threads. They end when this is dropped, which waits for what they are just waiting for.
pub(super) struct Probes {
    _threads: [KThread; 4],
}

impl Probes {
    pub(super) fn start(counters: &Arc<Counters>, rate: &Arc<Rate>) -> Result<Self> {
        let callback = Arc::pin_init(TimedCallback::new(), GFP_KERNEL)?;
        let probe = |name: &CStr, measure: fn(&Counters)| {
            let (counters, rate) = (counters.clone(), rate.clone());
            KThread::spawn(name, None, move |this| {
                at(this, &rate, || measure(&counters))
            })
        };
        let (all, hz) = (counters.clone(), rate.clone());
        let sampled = counters.clone();
        Ok(Self {
            _threads: [
                probe(c"rcu_gp/normal", |counters| {
                    counters.latencies.normal.add(time(rcu::synchronize));
                })?,
                probe(c"rcu_gp/expedited", |counters| {
                    counters
                        .latencies
                        .expedited
                        .add(time(rcu::synchronize_expedited));
                })?,
                KThread::spawn(c"rcu_gp/callback", None, move |this| {
                    at(this, &hz, || {
                        if let Some(ns) = callback.took_ns() {
                            all.latencies.callback.add(ns);
                        }
                        callback.queue();
                    });
                })?,
                KThread::spawn(c"rcu_gp/rates", None, move |this| loop {
                    sampled.rates.sample();
                    if this.sleep(Delta::from_secs(1)) {
                        return;
                    }
                })?,
            ],
        })
    }
}

/// Does `work` at a rate that may change.
fn at(this: &ThisThread, rate: &Rate, work: impl Fn()) {
    loop {
        let hz = rate.get();
        let period = Delta::from_micros(1_000_000 / i64::from(hz.max(1)));
        if this.sleep(period) {
            return;
        }
        if hz > 0 {
            work();
        }
    }
}

/// How long `work` takes, in nanoseconds.
fn time(work: fn()) -> u64 {
    let start = mono_fast_ns();
    work();
    mono_fast_ns().saturating_sub(start)
}
