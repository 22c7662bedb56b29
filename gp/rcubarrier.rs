// SPDX-License-Identifier: GPL-2.0

//! The file `rcubarrier`: who waited for all callbacks, and for how many.

use super::{
    counter::{
        Counter,
        Millis, //
    },
    counters::Counters,
    span::Span,
    words::{
        Meaning,
        Words, //
    }, //
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
    asked: Counter,
    had_none: Counter,
    skipped: Counter,
    callbacks: Counter,
    remaining: Counter,
    span: Span,
    words: Words<Step>,
}

#[derive(Clone, Copy)]
enum Step {
    Begin,
    EarlyExit,
    Start,
    End,
    Asked,
    HadNone,
    Skipped,
    Callback,
}

impl Meaning for Step {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("Begin", Self::Begin),
        ("EarlyExit", Self::EarlyExit),
        ("Inc1", Self::Start),
        ("Inc2", Self::End),
        ("IRQ", Self::Asked),
        ("IRQNQ", Self::HadNone),
        ("NQ", Self::Skipped),
        ("CB", Self::Callback),
        ("LastCB", Self::Callback),
    ];
}

impl Barriers {
    pub(super) fn forget(&self) {
        self.span.forget();
        self.remaining.set(0);
    }
}

impl Probe<Barrier> for Counters {
    #[inline(always)]
    fn hit(&self, hit: Barrier) {
        let barrier = &self.barrier;
        match barrier.words.meaning(hit.step) {
            Some(Step::Begin) => barrier.began.add(1),
            Some(Step::EarlyExit) => barrier.shared.add(1),
            Some(Step::Start) => {
                barrier.started.add(1);
                barrier.span.start(mono_fast_ns());
            }
            Some(Step::End) => {
                barrier.span.end(mono_fast_ns());
            }
            Some(Step::Asked) => barrier.asked.add(1),
            Some(Step::HadNone) => barrier.had_none.add(1),
            Some(Step::Skipped) => barrier.skipped.add(1),
            Some(Step::Callback) => barrier.callbacks.add(1),
            None => {}
        }
        barrier.remaining.set(hit.remaining.max(0) as u64);
    }
}

pub(super) fn show(counters: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let barrier = &counters.barrier;
    let age = barrier.span.age_ns().map(Millis);
    writeln!(f, "# rcu_barrier(): began: was called; shared: another's did; cpus: whether they had callbacks")?;
    counters.explain(f)?;
    for (name, count) in [
        ("began", barrier.began.get()),
        ("shared", barrier.shared.get()),
        ("started", barrier.started.get()),
        ("ended", barrier.span.ended()),
        ("cpus_asked", barrier.asked.get()),
        ("cpus_asked_had_none", barrier.had_none.get()),
        ("cpus_skipped", barrier.skipped.get()),
        ("callbacks_run", barrier.callbacks.get()),
    ] {
        writeln!(f, "{name} {}", counters.count(count))?;
    }
    let remaining = age.is_some().then(|| barrier.remaining.get());
    writeln!(f, "remaining {}", counters.state(remaining))?;
    writeln!(f, "age_ms {}", counters.state(age))?;
    writeln!(
        f,
        "longest_ms {}",
        counters.count(Millis(barrier.span.longest_ns()))
    )
}
