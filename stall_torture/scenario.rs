// SPDX-License-Identifier: GPL-2.0

//! What a scenario is.

use crate::{
    observer::Class,
    stall::Stall,
    trigger::Request, //
};
use kernel::{
    fmt,
    prelude::*,
    sync::Arc,
    time::Delta, //
};
use wrappers::{
    kthread::ThisThread,
    rcu_state::{
        stall_timeout,
        IS_TINY, //
    }, //
};

/// A way to keep RCU waiting.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// What it does, in a few words.
    pub(crate) what: &'static str,
    /// Which lines the kernel prints when the stall outlasts the timeout.
    pub(crate) expects: fn(&Request) -> Expected,
    /// How long the kernel waits before it prints them.
    pub(crate) timeout: fn(&Request) -> Delta,
    /// What is asked of the kernel meanwhile.
    pub(crate) asks: Asks,
    /// Where RCU's own kthread is kept meanwhile.
    pub(crate) gp_kthread: GpKthread,
    /// With fewer CPUs online nobody is left to report the stall.
    pub(crate) min_cpus: fn(&Request) -> usize,
    /// Whether others may stall other CPUs at the same time.
    ///
    /// Not if it needs an answer of every CPU, or RCU's own kthread in a certain state.
    pub(crate) beside: fn(&Request) -> bool,
    /// What has to be so for the kernel to say what is expected.
    pub(crate) needs: &'static [Need],
    /// The keys that it knows beside those of all; at most [`Request::MAX_OWN`].
    pub(crate) params: &'static [Param],
    /// Does it, in a kthread that is bound to the victim CPU.
    ///
    /// Calls [`Stall::begin`] where the stall begins, and ends it as soon as [`Stall::over`].
    pub(crate) run: fn(&Arc<Stall>, &ThisThread) -> Result,
}

impl Scenario {
    /// What most scenarios have in common; each has a name, expectations and a `run` of its own.
    pub(crate) const COMMON: Self = Self {
        name: "",
        what: "",
        expects: |_| &[],
        timeout: |_| stall_timeout(),
        asks: Asks::GracePeriod,
        gp_kthread: GpKthread::OffVictim,
        min_cpus: |_| 2,
        beside: |_| false,
        needs: &[],
        params: &[],
        run: |_, _| Ok(()),
    };

    /// Returns where `key` is among the scenario's own.
    pub(crate) fn index(&self, key: &str) -> Option<usize> {
        self.params.iter().position(|param| param.name == key)
    }
}

/// Of each group, at least one line of at least one of its classes. No group is silence.
pub(crate) type Expected = &'static [&'static [Class]];

/// What is expected of `request` on this kernel.
///
/// Tiny RCU looks for no stall; Tasks RCU reports its own.
pub(crate) fn expected_of(request: &Request) -> Expected {
    if IS_TINY && request.scenario.asks != Asks::Tasks {
        return &[];
    }
    (request.scenario.expects)(request)
}

/// With how many CPUs online `request` can be fulfilled.
///
/// Those that are left report the stall: nobody does where there is one CPU for good.
pub(crate) fn cpus_for(request: &Request) -> usize {
    if IS_TINY {
        return 1;
    }
    (request.scenario.min_cpus)(request)
}

/// What is expected of `request` when all of `requests` stall at once.
///
/// A CPU that reports itself tells of nobody else, and keeps the others from reporting for a while.
pub(crate) fn expected_among(requests: &[Request], request: &Request) -> Expected {
    let mut groups = requests
        .iter()
        .flat_map(|request| expected_of(request).iter());
    if requests.len() > 1 && groups.any(|group| group.contains(&Class::SelfDetected)) {
        &[&[Class::SelfDetected, Class::Detected]]
    } else {
        expected_of(request)
    }
}

/// `self-detected|detected + kthread-starved`, or `silence`.
pub(crate) struct ExpectedWords(pub(crate) Expected);

impl fmt::Display for ExpectedWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("silence");
        }
        for (index, group) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" + ")?;
            }
            join(group.iter().map(|class| class.name()), f)?;
        }
        Ok(())
    }
}

/// What is asked of the kernel while the victim is stuck. No grace period, no stall.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// Nothing at all.
    Nothing,
    /// A normal grace period, and then the next. The others come on top of this.
    GracePeriod,
    /// An expedited grace period.
    Expedited,
    /// A grace period of Tasks RCU.
    Tasks,
    /// The victim CPU's answer to an interrupt.
    Interrupt,
}

/// Where the kthread of RCU's grace periods may run during the stall.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum GpKthread {
    /// Where it cannot be stuck.
    OffVictim,
    /// Where it must be stuck.
    OnVictim,
}

/// What has to be so for a scenario to work.
#[derive(Clone, Copy)]
pub(crate) struct Need {
    pub(crate) what: &'static str,
    /// Returns none if a module cannot see it, so that the one who set it has to know.
    pub(crate) met: fn() -> Option<bool>,
}

impl Need {
    pub(crate) fn is_unmet(&self) -> bool {
        (self.met)() == Some(false)
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let met = match (self.met)() {
            Some(true) => "met",
            Some(false) => "not met",
            None => "not visible from here",
        };
        f.write_fmt(fmt!("{}: {met}", self.what))
    }
}

/// A key of a scenario.
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) values: Values,
    /// Its unit and default, for people.
    pub(crate) default: &'static str,
}

/// What a key may be set to.
#[derive(Clone, Copy)]
pub(crate) enum Values {
    /// A number from the first to the second.
    Number(u64, u64),
    /// One of some words, which counts as its index.
    OneOf(&'static [&'static str]),
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(min, max) => f.write_fmt(fmt!("{min}-{max}")),
            Self::OneOf(words) => join(words.iter().copied(), f),
        }
    }
}

/// Writes `words` with a bar between each two.
fn join(words: impl Iterator<Item = &'static str>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, word) in words.enumerate() {
        let bar = if index > 0 { "|" } else { "" };
        f.write_fmt(fmt!("{bar}{word}"))?;
    }
    Ok(())
}
