// SPDX-License-Identifier: GPL-2.0

//! The catalogue: one file and one line a scenario.

use crate::scenario::Scenario;

macro_rules! catalogue {
    ($($file:ident,)*) => {
        $(mod $file;)*

        /// All scenarios.
        pub(crate) static ALL: &[&Scenario] = &[$(&$file::SCENARIO,)*];
    };
}

catalogue! {
    reader,
    preempt_off,
    irqs_off,
    hrtimer_storm,
}

/// Returns the scenario called `name`.
pub(crate) fn find(name: &str) -> Option<&'static Scenario> {
    ALL.iter().copied().find(|scenario| scenario.name == name)
}
