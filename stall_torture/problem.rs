// SPDX-License-Identifier: GPL-2.0

//! What can be wrong with a line for `trigger`, and how it is said.

use crate::scenario::{
    Scenario,
    Values, //
};
use kernel::{
    fmt,
    prelude::*, //
};

/// Why a line is no request, or none that this machine can fulfil.
#[derive(Clone, Copy)]
pub(crate) enum Problem<'a> {
    Empty,
    Scenario(&'a str),
    NoPair(&'a str),
    Key(&'static Scenario, &'a str),
    Twice(&'a str),
    Value(&'a str, &'a str, Values),
    NotFirst(&'static Scenario),
    Alone(&'a str),
    NoMemory,
    FewCpus(&'static Scenario, usize, usize),
    Offline(u64),
    SameCpu(u64),
}

impl Problem<'_> {
    pub(crate) fn error(&self) -> Error {
        match self {
            Self::NoMemory => ENOMEM,
            _ => EINVAL,
        }
    }
}

impl fmt::Display for Problem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_fmt(fmt!("empty line: expected 'scenario key=value ...'")),
            Self::Scenario(name) => f.write_fmt(fmt!(
                "unknown scenario {name:?}: the file 'scenarios' has them all"
            )),
            Self::NoPair(word) => f.write_fmt(fmt!("{word:?}: expected key=value")),
            Self::Key(scenario, key) => {
                f.write_fmt(fmt!(
                    "{} has no key {key:?}: its keys are cpu secs repeat holdoff",
                    scenario.name
                ))?;
                for param in scenario.params {
                    f.write_fmt(fmt!(" {}", param.name))?;
                }
                Ok(())
            }
            Self::Twice(key) => f.write_fmt(fmt!("key {key:?} is there twice")),
            Self::Value(key, value, values) => {
                f.write_fmt(fmt!("{key}={value:?} is out of range: expected {values}"))
            }
            Self::NotFirst(scenario) => f.write_fmt(fmt!(
                "{}: repeat and holdoff are for the whole line: say them with the first scenario",
                scenario.name
            )),
            Self::Alone(part) => f.write_fmt(fmt!(
                "{part:?} runs only alone: see \"beside others\" in 'scenarios' (a mode may differ)"
            )),
            Self::NoMemory => f.write_str("no memory"),
            Self::FewCpus(scenario, needed, online) => f.write_fmt(fmt!(
                "{} needs {needed} CPUs online, not {online}: one has to be left to report",
                scenario.name
            )),
            Self::Offline(cpu) => f.write_fmt(fmt!("cpu={cpu} is offline")),
            Self::SameCpu(cpu) => f.write_fmt(fmt!("cpu={cpu} is there twice")),
        }
    }
}
