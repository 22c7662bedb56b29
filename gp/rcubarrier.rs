// SPDX-License-Identifier: GPL-2.0

//! The file `rcubarrier`: who waited for all callbacks, and for how many.

use super::{
    counter::{
        Counter,
        Millis, //
    },
    counters::Counters, //
};
use core::fmt;
use wrappers::{
    time::mono_fast_ns,
    tracepoint::{
        rcu::Barrier,
        Probe, //
    }, //
};

/// There is one `rcu_barrier()` at work at a time; the others wait for it, and may share it.
#[derive(Default)]
pub(super) struct Barriers {
    began: Counter,
    shared: Counter,
    started: Counter,
    ended: Counter,
    asked: Counter,
    had_none: Counter,
    skipped: Counter,
    callbacks: Counter,
    remaining: Counter,
    started_ns: Counter,
    longest_ns: Counter,
}

impl Barriers {
    pub(super) fn forget(&self) {
        self.started_ns.set(0);
        self.remaining.set(0);
    }

    fn end(&self) {
        self.ended.add(1);
        let started = self.started_ns.get();
        if started != 0 {
            self.longest_ns
                .raise(mono_fast_ns().saturating_sub(started));
            self.started_ns.set(0);
        }
    }
}

impl Probe<Barrier> for Counters {
    #[inline]
    fn hit(&self, hit: Barrier) {
        let barrier = &self.barrier;
        match hit.step.bytes() {
            b"Begin" => barrier.began.add(1),
            b"EarlyExit" => barrier.shared.add(1),
            b"Inc1" => {
                barrier.started.add(1);
                barrier.started_ns.set(mono_fast_ns());
            }
            b"Inc2" => barrier.end(),
            b"IRQ" => barrier.asked.add(1),
            b"IRQNQ" => barrier.had_none.add(1),
            b"NQ" => barrier.skipped.add(1),
            b"CB" | b"LastCB" => barrier.callbacks.add(1),
            _ => {}
        }
        barrier.remaining.set(hit.remaining.max(0) as u64);
    }
}

pub(super) fn show(counters: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let barrier = &counters.barrier;
    let started = barrier.started_ns.get();
    let age = (started != 0).then(|| Millis(mono_fast_ns().saturating_sub(started)));
    writeln!(f, "# rcu_barrier(): began: was called; shared: another's did; cpus: whether they had callbacks")?;
    counters.explain(f)?;
    for (name, counter) in [
        ("began", &barrier.began),
        ("shared", &barrier.shared),
        ("started", &barrier.started),
        ("ended", &barrier.ended),
        ("cpus_asked", &barrier.asked),
        ("cpus_asked_had_none", &barrier.had_none),
        ("cpus_skipped", &barrier.skipped),
        ("callbacks_run", &barrier.callbacks),
    ] {
        writeln!(f, "{name} {}", counters.count(counter.get()))?;
    }
    let remaining = age.is_some().then(|| barrier.remaining.get());
    writeln!(f, "remaining {}", counters.state(remaining))?;
    writeln!(f, "age_ms {}", counters.state(age))?;
    writeln!(
        f,
        "longest_ms {}",
        counters.count(Millis(barrier.longest_ns.get()))
    )
}
