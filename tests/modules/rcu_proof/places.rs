// SPDX-License-Identifier: GPL-2.0

//! Where objects are published and read.

use crate::{
    delay::Dice,
    litmus::{
        play,
        Outcome, //
    },
    object::{
        Breaking,
        Fate,
        Payload,
        Plain, //
    },
    readers::{
        read_vanilla,
        Cell,
        Readers,
        Visit, //
    },
    ways::{
        Basic,
        Free,
        OfVanilla,
        Polled,
        Way, //
    },
    ProofFast,
    ProofFastUpDown,
    ProofNmiSafe,
    ProofNormal, //
};
use kernel::{
    new_mutex,
    prelude::*,
    sync::Mutex, //
};
use rcu::{
    srcu::Handle,
    tasks::{
        Tasks,
        Trace, //
    },
    AtomicRcu,
    RcuBox,
    Srcu,
    SrcuCell,
    Vanilla, //
};
use wrappers::{
    cpu::Context,
    nmi::Nmi, //
};

/// Plays every way in every place, so many rounds with so many pairs at once.
pub(crate) fn play_all(pairs: u32, rounds: u32, outcomes: &mut KVec<Outcome>) -> Result {
    let mut push =
        |outcome: Result<Outcome>| -> Result { Ok(outcomes.push(outcome?, GFP_KERNEL)?) };
    for way in Polled::ALL {
        let of_vanilla = OfVanilla::Polled(way);
        push(play::<One<Vanilla>>(of_vanilla, pairs, rounds))?;
        push(play::<InSrcu>(way, pairs, rounds))?;
        push(play::<One<ProofNormal>>(way, pairs, rounds))?;
        push(play::<One<ProofFast>>(way, pairs, rounds))?;
        push(play::<One<ProofFastUpDown>>(way, pairs, rounds))?;
        push(play::<One<ProofNmiSafe>>(way, pairs, rounds))?;
    }
    push(play::<One<Vanilla>>(OfVanilla::CallHurry, pairs, rounds))?;
    push(play::<PlainInVanilla>(Free, pairs, rounds))?;
    for way in Polled::ALL {
        push(play::<InNmi>(way, pairs, rounds))?;
    }
    for way in Basic::ALL {
        push(play::<One<Trace>>(way, pairs, rounds))?;
        push(play::<One<Tasks>>(way, pairs, rounds))?;
    }
    Ok(())
}

/// A place for one object.
pub(crate) trait Place: Sized + Send + Sync + 'static {
    const NAME: &'static str;
    /// Whether grace periods take tenths of a second, so that fewer rounds must do.
    const SLOW: bool = false;
    type Object: Payload;
    type Way: Way;

    fn new() -> impl PinInit<Self, Error>;

    /// Publishes an object where none is.
    fn publish(&self, object: RcuBox<Self::Object>);

    /// Calls `visit` inside a section, with what is found.
    fn read(&self, dice: &mut Dice, visit: impl Visit<Self::Object>);

    /// Passes time inside a section.
    fn dawdle(dice: &mut Dice);

    /// Unlinks the object, tells so, and gets rid of it.
    fn retire(&self, way: Self::Way, fate: &Fate, dice: &mut Dice, unlinked: impl FnOnce());
}

/// In a domain that there is one of.
struct One<R: Readers>(Cell<R>);

impl<R: Readers> Place for One<R> {
    const NAME: &'static str = R::NAME;
    const SLOW: bool = R::SLOW;
    type Object = Breaking;
    type Way = R::Way;

    fn new() -> impl PinInit<Self, Error> {
        Ok(Self(AtomicRcu::empty()))
    }

    fn publish(&self, object: RcuBox<Breaking>) {
        drop(self.0.swap(Some(object)));
    }

    fn read(&self, dice: &mut Dice, visit: impl Visit<Breaking>) {
        R::read(&self.0, dice, visit);
    }

    fn dawdle(dice: &mut Dice) {
        if R::MAY_SLEEP {
            dice.sleep();
        } else {
            dice.spin();
        }
    }

    fn retire(&self, way: R::Way, fate: &Fate, dice: &mut Dice, unlinked: impl FnOnce()) {
        let Some(old) = self.0.swap(None) else {
            return;
        };
        unlinked();
        dice.sleep();
        R::go(way, old, fate, dice);
    }
}

/// In vanilla RCU, an object that needs no drop.
struct PlainInVanilla(AtomicRcu<RcuBox<Plain>>);

impl Place for PlainInVanilla {
    const NAME: &'static str = "vanilla";
    type Object = Plain;
    type Way = Free;

    fn new() -> impl PinInit<Self, Error> {
        Ok(Self(AtomicRcu::empty()))
    }

    fn publish(&self, object: RcuBox<Plain>) {
        drop(self.0.swap(Some(object)));
    }

    fn read(&self, dice: &mut Dice, visit: impl Visit<Plain>) {
        read_vanilla(&self.0, dice, visit);
    }

    fn dawdle(dice: &mut Dice) {
        dice.spin();
    }

    /// As long as the reader is inside, takes memory of the same size and writes to it.
    fn retire(&self, _: Free, fate: &Fate, dice: &mut Dice, unlinked: impl FnOnce()) {
        drop(self.0.swap(None));
        unlinked();
        let mut others = KVec::new();
        while !fate.reader_has_left() {
            if let Ok(other) = RcuBox::new(Plain::broken(), GFP_KERNEL) {
                let _ = others.push(other, GFP_KERNEL);
            }
            if others.len() > 100 {
                others.clear();
            }
            dice.sleep();
        }
    }
}

/// In a static domain of SRCU whose readers may be NMIs, and are.
struct InNmi {
    nmi: Nmi,
    cell: Cell<ProofNmiSafe>,
}

impl Place for InNmi {
    const NAME: &'static str = "srcu-nmisafe-in-nmi";
    type Object = Breaking;
    type Way = Polled;

    fn new() -> impl PinInit<Self, Error> {
        Ok(Self {
            nmi: Nmi::new()?,
            cell: AtomicRcu::empty(),
        })
    }

    fn publish(&self, object: RcuBox<Breaking>) {
        drop(self.cell.swap(Some(object)));
    }

    fn read(&self, dice: &mut Dice, visit: impl Visit<Breaking>) {
        let mut visitor = Some((visit, dice));
        let ran = self.nmi.run(|| {
            let in_nmi = matches!(Context::current(), Context::Nmi(_));
            if let Some((visit, dice)) = visitor.take_if(|_| in_nmi) {
                visit(self.cell.read(&ProofNmiSafe.read_lock()), dice);
            }
        });
        // Whoever was not visited counts as gone too early.
        if let Err(error) = ran {
            pr_err!("no NMI came: {error:?}\n");
        }
    }

    fn dawdle(dice: &mut Dice) {
        dice.spin();
    }

    fn retire(&self, way: Polled, fate: &Fate, dice: &mut Dice, unlinked: impl FnOnce()) {
        let Some(old) = self.cell.swap(None) else {
            return;
        };
        unlinked();
        dice.sleep();
        way.go(ProofNmiSafe, old, fate, dice);
    }
}

/// In an SRCU domain of the pair's own, under a lock.
#[pin_data]
struct InSrcu {
    #[pin]
    domain: Srcu,
    #[pin]
    update: Mutex<()>,
    #[pin]
    cell: SrcuCell<RcuBox<Breaking>>,
}

impl Place for InSrcu {
    const NAME: &'static str = "srcu";
    type Object = Breaking;
    type Way = Polled;

    fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            domain <- rcu::new_srcu!("rcu_proof"),
            update <- new_mutex!((), "rcu_proof::update"),
            cell <- SrcuCell::new(None, &update, &domain),
        })
    }

    fn publish(&self, object: RcuBox<Breaking>) {
        if let Ok(mut updater) = self.cell.updater(&mut self.update.lock(), &self.domain) {
            drop(updater.publish(object));
        }
    }

    fn read(&self, dice: &mut Dice, visit: impl Visit<Breaking>) {
        let guard = self.domain.read_lock();
        visit(self.cell.read(&guard).ok().flatten(), dice);
    }

    fn dawdle(dice: &mut Dice) {
        dice.sleep();
    }

    fn retire(&self, way: Polled, fate: &Fate, dice: &mut Dice, unlinked: impl FnOnce()) {
        let old = self
            .cell
            .updater(&mut self.update.lock(), &self.domain)
            .map(|mut updater| updater.take());
        unlinked();
        dice.sleep();
        if let Ok(Some(old)) = old {
            way.go(&self.domain, old, fate, dice);
        }
    }
}
