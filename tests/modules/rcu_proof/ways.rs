// SPDX-License-Identifier: GPL-2.0

//! Every way from an unlinked object to nobody's.

use crate::{
    delay::{
        nap,
        Dice, //
    },
    object::{
        Breaking,
        Fate, //
    },
};
use rcu::{
    Cookie,
    Polling,
    RcuBox,
    Retired, //
};

/// A way to wait for readers, named after the C function it stands on.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    Synchronize,
    Expedited,
    Poll,
    PollExpedited,
    CondSynchronize,
    CondSynchronizeExpedited,
    Call,
    CallSoftirq,
    CallHurry,
    Barrier,
    Free,
}

impl Way {
    /// The ways of every domain that can be polled.
    pub(crate) const COMMON: [Self; 9] = [
        Self::Synchronize,
        Self::Expedited,
        Self::Poll,
        Self::PollExpedited,
        Self::CondSynchronize,
        Self::CondSynchronizeExpedited,
        Self::Call,
        Self::CallSoftirq,
        Self::Barrier,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Synchronize => "synchronize",
            Self::Expedited => "synchronize_expedited",
            Self::Poll => "poll",
            Self::PollExpedited => "poll_expedited",
            Self::CondSynchronize => "cond_synchronize",
            Self::CondSynchronizeExpedited => "cond_synchronize_expedited",
            Self::Call => "call_rcu",
            Self::CallSoftirq => "call_rcu_softirq",
            Self::CallHurry => "call_rcu_hurry",
            Self::Barrier => "barrier",
            Self::Free => "kfree_rcu",
        }
    }

    /// Goes the way with an object that was just unlinked; returns when it is broken.
    pub(crate) fn go<D: Polling>(
        self,
        domain: D,
        old: Retired<RcuBox<Breaking>, D>,
        fate: &Fate,
        dice: &mut Dice,
    ) {
        match self {
            Self::Synchronize => drop(old.synchronize()),
            Self::Expedited => drop(old.synchronize_expedited()),
            Self::Poll | Self::PollExpedited => {
                let mut polled = if matches!(self, Self::Poll) {
                    old.start_poll()
                } else {
                    old.start_poll_expedited()
                };
                while let Err(again) = polled.try_finish() {
                    polled = again;
                    dice.sleep();
                }
            }
            Self::CondSynchronize | Self::CondSynchronizeExpedited => {
                let cookie = Cookie::snapshot(domain);
                dice.sleep();
                if matches!(self, Self::CondSynchronize) {
                    cookie.cond_synchronize();
                } else {
                    cookie.cond_synchronize_expedited();
                }
                fate.readers_are_gone();
                // The cookie says nothing to the one who has the object.
                drop(old.synchronize());
            }
            Self::CallSoftirq => old.call_rcu_softirq(),
            Self::Barrier => {
                old.call_rcu_softirq();
                domain.barrier();
                fate.readers_are_gone();
                if !fate.has_ended() {
                    // The callback did not run: the next round would not end.
                    return;
                }
            }
            Self::Call | Self::CallHurry | Self::Free => old.call_rcu(),
        }
        while !fate.has_ended() {
            nap();
        }
    }
}
