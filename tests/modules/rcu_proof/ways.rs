// SPDX-License-Identifier: GPL-2.0

//! Every way from an unlinked object to nobody's, named after the C function it stands on.

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
    Domain,
    Polling,
    RcuBox,
    Retired,
    Vanilla, //
};

/// An object that was just unlinked.
pub(crate) type Old<D> = Retired<RcuBox<Breaking>, D>;

/// A way to wait for readers. Going it ends when the object is broken.
pub(crate) trait Way: Copy + Send + 'static {
    fn name(self) -> &'static str;
}

/// The ways of every domain.
#[derive(Clone, Copy)]
pub(crate) enum Basic {
    Synchronize,
    Call,
    CallSoftirq,
    Barrier,
}

impl Basic {
    pub(crate) const ALL: [Self; 4] = [
        Self::Synchronize,
        Self::Call,
        Self::CallSoftirq,
        Self::Barrier,
    ];

    pub(crate) fn go<D: Domain>(self, domain: D, old: Old<D>, fate: &Fate) {
        match self {
            Self::Synchronize => drop(old.synchronize()),
            Self::Call => old.call_rcu(),
            Self::CallSoftirq => old.call_rcu_softirq(),
            Self::Barrier => {
                old.call_rcu_softirq();
                domain.barrier();
                fate.callback_has_run();
            }
        }
        wait_for_the_end(fate);
    }
}

impl Way for Basic {
    fn name(self) -> &'static str {
        match self {
            Self::Synchronize => "synchronize",
            Self::Call => "call_rcu",
            Self::CallSoftirq => "call_rcu_softirq",
            Self::Barrier => "barrier",
        }
    }
}

/// The ways of every domain that can be polled.
#[derive(Clone, Copy)]
pub(crate) enum Polled {
    Basic(Basic),
    Expedited,
    Poll,
    PollExpedited,
    CondSynchronize,
    CondSynchronizeExpedited,
}

impl Polled {
    pub(crate) const ALL: [Self; 9] = [
        Self::Basic(Basic::Synchronize),
        Self::Basic(Basic::Call),
        Self::Basic(Basic::CallSoftirq),
        Self::Basic(Basic::Barrier),
        Self::Expedited,
        Self::Poll,
        Self::PollExpedited,
        Self::CondSynchronize,
        Self::CondSynchronizeExpedited,
    ];

    pub(crate) fn go<D: Polling>(self, domain: D, old: Old<D>, fate: &Fate, dice: &mut Dice) {
        match self {
            Self::Basic(basic) => basic.go(domain, old, fate),
            Self::Expedited => drop(old.synchronize_expedited()),
            Self::Poll => poll(old.start_poll(), dice),
            Self::PollExpedited => poll(old.start_poll_expedited(), dice),
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
        }
    }
}

impl Way for Polled {
    fn name(self) -> &'static str {
        match self {
            Self::Basic(basic) => basic.name(),
            Self::Expedited => "synchronize_expedited",
            Self::Poll => "poll",
            Self::PollExpedited => "poll_expedited",
            Self::CondSynchronize => "cond_synchronize",
            Self::CondSynchronizeExpedited => "cond_synchronize_expedited",
        }
    }
}

/// Vanilla RCU's, which has one more.
#[derive(Clone, Copy)]
pub(crate) enum OfVanilla {
    Polled(Polled),
    CallHurry,
}

impl OfVanilla {
    pub(crate) fn go(self, old: Old<Vanilla>, fate: &Fate, dice: &mut Dice) {
        match self {
            Self::Polled(polled) => polled.go(Vanilla, old, fate, dice),
            Self::CallHurry => {
                old.call_rcu_hurry();
                wait_for_the_end(fate);
            }
        }
    }
}

impl Way for OfVanilla {
    fn name(self) -> &'static str {
        match self {
            Self::Polled(polled) => polled.name(),
            Self::CallHurry => "call_rcu_hurry",
        }
    }
}

/// What an object goes that needs no drop.
#[derive(Clone, Copy)]
pub(crate) struct Free;

impl Way for Free {
    fn name(self) -> &'static str {
        "kfree_rcu"
    }
}

fn poll<D: Polling>(mut polled: rcu::Polled<RcuBox<Breaking>, D>, dice: &mut Dice) {
    while let Err(again) = polled.try_finish() {
        polled = again;
        dice.sleep();
    }
}

fn wait_for_the_end(fate: &Fate) {
    while !fate.has_ended() {
        nap();
    }
}
