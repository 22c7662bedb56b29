// SPDX-License-Identifier: GPL-2.0

//! The four ways to spend what was removed.

use kernel::time::{
    delay::fsleep,
    Delta, //
};
use rcu::{
    Pointer,
    Retired,
    Vanilla, //
};

/// How removed entries are reclaimed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reclaim {
    Synchronize,
    Expedited,
    Poll,
    CallRcu,
}

impl Reclaim {
    const ALL: [(&'static str, Self); 4] = [
        ("sync", Self::Synchronize),
        ("call", Self::CallRcu),
        ("poll", Self::Poll),
        ("expedited", Self::Expedited),
    ];

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, reclaim)| *reclaim)
    }

    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, reclaim)| *reclaim == self)
            .map_or("", |(name, _)| name)
    }

    /// Spends `old`, and returns whether that waited for a grace period.
    pub(crate) fn spend<P: Pointer>(self, old: Retired<P, Vanilla>) -> bool {
        match self {
            Self::Synchronize => drop(old.synchronize()),
            Self::Expedited => drop(old.synchronize_expedited()),
            Self::Poll => {
                let mut polled = old.start_poll();
                while let Err(later) = polled.try_finish() {
                    polled = later;
                    fsleep(Delta::from_micros(500));
                }
            }
            Self::CallRcu => {
                old.call_rcu();
                return false;
            }
        }
        true
    }
}
