// SPDX-License-Identifier: GPL-2.0

//! All that is counted. The probes write it, the files read it; neither waits for the other.

use super::{
    asking::{
        Answer,
        Asking, //
    },
    counter::{
        Known,
        PerCpu, //
    },
    histogram::Histogram,
    rates::Rates,
    rcubarrier::Barriers,
    rcudata::{
        Cpu,
        Finding,
        Occasion, //
    },
    rcuexp::Expedited,
    rcugp::Normal,
    ring::Rings,
    stalls::Stalls,
    torture::Torture,
    tree::Tree,
    words::Words, //
};
use core::fmt;
use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};
use wrappers::{
    rcu_state::IS_TINY,
    tracepoint::{
        exists,
        rcu::GracePeriod, //
    }, //
};

/// How long what the module measures itself took.
#[derive(Default)]
pub(super) struct Latencies {
    pub(super) normal: Histogram,
    pub(super) expedited: Histogram,
    pub(super) callback: Histogram,
}

#[pin_data]
pub(super) struct Counters {
    /// Whether the kernel has RCU's tracepoints: `RCU_TRACE`.
    traced: bool,
    enabled: Atomic<bool>,
    ever_enabled: Atomic<bool>,
    pub(super) normal: Normal,
    pub(super) expedited: Expedited,
    pub(super) barrier: Barriers,
    pub(super) tree: Tree,
    pub(super) cpus: PerCpu<Cpu>,
    pub(super) findings: Words<Finding>,
    pub(super) occasions: Words<Occasion>,
    pub(super) stalls: Stalls,
    pub(super) torture: Torture,
    pub(super) rings: Rings,
    pub(super) latencies: Latencies,
    #[pin]
    pub(super) rates: Rates,
    #[pin]
    pub(super) asking: Asking,
}

impl Counters {
    pub(super) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            traced: exists::<GracePeriod>(),
            enabled: Atomic::new(false),
            ever_enabled: Atomic::new(false),
            normal: Normal::default(),
            expedited: Expedited::default(),
            barrier: Barriers::default(),
            tree: Tree::new()?,
            cpus: PerCpu::new(|| Ok(Cpu::default()))?,
            findings: Words::default(),
            occasions: Words::default(),
            stalls: Stalls::default(),
            torture: Torture::default(),
            rings: Rings::new()?,
            latencies: Latencies::default(),
            rates <- Rates::new(),
            asking <- Asking::new(),
        })
    }

    /// To be called before the probes are attached: what was seen of the present state is old.
    pub(super) fn enable(&self) {
        self.normal.span.forget();
        self.expedited.span.forget();
        self.barrier.forget();
        self.tree.forget();
        self.cpus.iter().for_each(Cpu::forget);
        self.rates.forget();
        self.ever_enabled.store(true, Relaxed);
        self.enabled.store(true, Relaxed);
    }

    /// To be called before the probes are detached.
    pub(super) fn disable(&self) {
        self.enabled.store(false, Relaxed);
    }

    pub(super) fn enabled(&self) -> bool {
        self.enabled.load(Relaxed)
    }

    /// What tracepoints told, while the module was enabled.
    pub(super) fn count<T>(&self, value: T) -> Known<T> {
        Known((self.traced && self.ever_enabled.load(Relaxed)).then_some(value))
    }

    /// How things are now, as tracepoints tell; `None` if none of them has told yet.
    pub(super) fn state<T>(&self, value: Option<T>) -> Known<T> {
        Known(value.filter(|_| self.traced && self.enabled()))
    }

    /// What the kernel tells, if it is to be asked for what no tracepoint of it tells. Process
    /// context, sleeps.
    pub(super) fn told(&self) -> Answer {
        if self.traced {
            return Answer::NotAsked;
        }
        self.asking.ask()
    }

    /// That the kernel could be asked, if it could, or that its answer is of no use.
    pub(super) fn explain_asking(
        &self,
        answer: &Answer,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        match answer {
            Answer::NotAsked if !self.traced && !IS_TINY => {
                writeln!(f, "# some of that the kernel tells: echo 1 >ask")
            }
            Answer::Cut => writeln!(
                f,
                "# -: the kernel's answer is cut, there was no room for all of it"
            ),
            _ => Ok(()),
        }
    }

    /// Why what only tracepoints tell is not known, if so.
    pub(super) fn explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if IS_TINY {
            writeln!(f, "# -: Tiny RCU has none, or tells nothing of it")
        } else if !self.traced {
            writeln!(f, "# -: not known, this kernel has no CONFIG_RCU_TRACE")
        } else if !self.ever_enabled.load(Relaxed) {
            writeln!(f, "# -: not known, enable is 0")
        } else if !self.enabled() {
            writeln!(f, "# enable is 0: counts are of when it was 1")
        } else {
            Ok(())
        }
    }
}
