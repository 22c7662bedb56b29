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
    /// Which line the kernel prints when the stall outlasts the timeout; none if it stays silent.
    pub(crate) expects: fn(&Request) -> Option<Class>,
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
    /// Returns where `key` is among the scenario's own.
    pub(crate) fn index(&self, key: &str) -> Option<usize> {
        self.params.iter().position(|param| param.name == key)
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
            Self::OneOf(words) => {
                for (index, word) in words.iter().enumerate() {
                    let bar = if index > 0 { "|" } else { "" };
                    f.write_fmt(fmt!("{bar}{word}"))?;
                }
                Ok(())
            }
        }
    }
}
