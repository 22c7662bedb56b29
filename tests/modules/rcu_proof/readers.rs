// SPDX-License-Identifier: GPL-2.0

//! The readers of domains that there is one of: how they enter, and what may wait for them.

use crate::{
    delay::Dice,
    object::{
        Breaking,
        Fate,
        Payload, //
    },
    ways::{
        Basic,
        OfVanilla,
        Old,
        Polled,
        Way, //
    },
    ProofFast,
    ProofFastUpDown,
    ProofNmiSafe,
    ProofNormal, //
};
use rcu::{
    srcu::Handle,
    tasks::{
        self,
        Tasks,
        Trace, //
    },
    AtomicRcu,
    Global,
    RcuBox,
    Vanilla, //
};

/// A kind of readers.
pub(crate) trait Readers: 'static {
    const NAME: &'static str;
    /// Whether a section may sleep.
    const MAY_SLEEP: bool = true;
    /// Whether grace periods take tenths of a second.
    const SLOW: bool = false;
    type Domain: Global + Send + Sync + 'static;
    type Way: Way;

    /// Calls `visit` inside a section, with what is found.
    fn read(cell: &Cell<Self>, dice: &mut Dice, visit: impl Visit<Breaking>);

    fn go(way: Self::Way, old: Old<Self::Domain>, fate: &Fate, dice: &mut Dice);
}

/// Where they find their object.
pub(crate) type Cell<R> = AtomicRcu<RcuBox<Breaking>, <R as Readers>::Domain>;

/// What happens inside a section.
pub(crate) trait Visit<T>: FnOnce(Option<&T>, &mut Dice) {}
impl<T, F: FnOnce(Option<&T>, &mut Dice)> Visit<T> for F {}

/// Visits in a vanilla section of one of the three kinds.
pub(crate) fn read_vanilla<T: Payload>(
    cell: &AtomicRcu<RcuBox<T>>,
    dice: &mut Dice,
    visit: impl Visit<T>,
) {
    match dice.below(3) {
        0 => visit(cell.read(&rcu::read_lock()), dice),
        1 => visit(cell.read(&rcu::read_lock_bh()), dice),
        _ => visit(cell.read(&rcu::read_lock_sched()), dice),
    }
}

impl Readers for Vanilla {
    const NAME: &'static str = "vanilla";
    const MAY_SLEEP: bool = false;
    type Domain = Self;
    type Way = OfVanilla;

    fn read(cell: &Cell<Self>, dice: &mut Dice, visit: impl Visit<Breaking>) {
        read_vanilla(cell, dice, visit);
    }

    fn go(way: OfVanilla, old: Old<Self>, fate: &Fate, dice: &mut Dice) {
        way.go(old, fate, dice);
    }
}

/// Static domains of SRCU, whose readers all enter alike.
macro_rules! srcu_readers {
    ($($domain:ident: $name:literal, $enter:ident,)*) => {$(
        impl Readers for $domain {
            const NAME: &'static str = $name;
            type Domain = Self;
            type Way = Polled;

            fn read(cell: &Cell<Self>, dice: &mut Dice, visit: impl Visit<Breaking>) {
                visit(cell.read(&$domain.$enter()), dice);
            }

            fn go(way: Polled, old: Old<Self>, fate: &Fate, dice: &mut Dice) {
                way.go($domain, old, fate, dice);
            }
        }
    )*};
}

srcu_readers! {
    ProofNormal: "static-srcu", read_lock,
    ProofFast: "srcu-fast", read_lock,
    ProofFastUpDown: "srcu-fast-updown", down_read,
    ProofNmiSafe: "srcu-nmisafe", read_lock,
}

impl Readers for Trace {
    const NAME: &'static str = "tasks-trace";
    type Domain = Self;
    type Way = Basic;

    fn read(cell: &Cell<Self>, dice: &mut Dice, visit: impl Visit<Breaking>) {
        visit(cell.read(&tasks::read_lock_trace()), dice);
    }

    fn go(way: Basic, old: Old<Self>, fate: &Fate, _: &mut Dice) {
        way.go(Trace, old, fate);
    }
}

/// Who does not switch of his own accord is in a section, and has no guard to follow a pointer by.
/// So nobody can see whether the object is whole, only whether it went too early.
impl Readers for Tasks {
    const NAME: &'static str = "tasks";
    const MAY_SLEEP: bool = false;
    const SLOW: bool = true;
    type Domain = Self;
    type Way = Basic;

    fn read(_: &Cell<Self>, dice: &mut Dice, visit: impl Visit<Breaking>) {
        visit(None, dice);
    }

    fn go(way: Basic, old: Old<Self>, fate: &Fate, _: &mut Dice) {
        way.go(Tasks, old, fate);
    }
}
