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
    sync::Arc, //
};
use wrappers::kthread::ThisThread;

/// A way to keep RCU waiting.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// What it does, in a few words.
    pub(crate) what: &'static str,
    /// One of which lines the kernel prints when the stall outlasts the timeout; none if it stays
    /// silent.
    pub(crate) expects: fn(&Request) -> &'static [Class],
    /// With fewer CPUs online nobody is left to report the stall.
    pub(crate) min_cpus: usize,
    /// The keys that it knows beside `cpu` and `secs`; at most [`Request::MAX_OWN`].
    pub(crate) params: &'static [Param],
    /// Does it, in a kthread that is bound to the victim CPU.
    ///
    /// Calls [`Stall::begin`] where the stall begins, and ends it as soon as [`Stall::over`].
    pub(crate) run: fn(&Arc<Stall>, &ThisThread) -> Result,
}

impl Scenario {
    /// Returns what is expected of `request`, in words.
    pub(crate) fn expected(&self, request: &Request) -> impl fmt::Display {
        Expected((self.expects)(request))
    }

    /// Returns where `key` is among the scenario's own.
    pub(crate) fn index(&self, key: &str) -> Option<usize> {
        self.params.iter().position(|param| param.name == key)
    }
}

struct Expected(&'static [Class]);

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => f.write_str("silence"),
            classes => join(classes.iter().map(|class| class.name()), f),
        }
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
