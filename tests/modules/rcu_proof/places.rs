// SPDX-License-Identifier: GPL-2.0

//! Where objects are published and read: in vanilla RCU, in an SRCU domain.

use crate::{
    delay::{
        nap,
        Dice, //
    },
    litmus::{
        self,
        Outcome, //
    },
    object::{
        Breaking,
        Fate,
        Payload,
        Plain, //
    },
    ways::Way,
};
use kernel::{
    new_mutex,
    prelude::*,
    sync::Mutex, //
};
use rcu::{
    AtomicRcu,
    RcuBox,
    Srcu,
    SrcuCell,
    Vanilla, //
};

/// Plays every way in every place, so many rounds with so many pairs at once.
pub(crate) fn play_all(pairs: u32, rounds: u32, outcomes: &mut KVec<Outcome>) -> Result {
    for way in Way::COMMON.iter().copied() {
        outcomes.push(litmus::play::<InVanilla>(way, pairs, rounds)?, GFP_KERNEL)?;
    }
    outcomes.push(
        litmus::play::<InVanilla>(Way::CallHurry, pairs, rounds)?,
        GFP_KERNEL,
    )?;
    outcomes.push(
        litmus::play::<InVanillaPlain>(Way::Free, pairs, rounds)?,
        GFP_KERNEL,
    )?;
    for way in Way::COMMON.iter().copied() {
        outcomes.push(litmus::play::<InSrcu>(way, pairs, rounds)?, GFP_KERNEL)?;
    }
    Ok(())
}

/// A place for one object.
pub(crate) trait Place: Sized + Send + Sync + 'static {
    const NAME: &'static str;
    type Object: Payload;

    fn new() -> impl PinInit<Self, Error>;

    /// Publishes an object where none is.
    fn publish(&self, object: RcuBox<Self::Object>);

    /// Calls `visit` inside a section, with what is found.
    fn read(&self, dice: &mut Dice, visit: impl FnOnce(Option<&Self::Object>, &mut Dice));

    /// Passes time inside a section.
    fn dawdle(dice: &mut Dice) {
        dice.spin();
    }

    /// Unlinks the object, tells so, and gets rid of it.
    fn retire(&self, way: Way, fate: &Fate, dice: &mut Dice, unlinked: impl FnOnce());
}

/// Reads in a section of one of the three kinds.
fn read_vanilla<T: Payload>(
    cell: &AtomicRcu<RcuBox<T>>,
    dice: &mut Dice,
    visit: impl FnOnce(Option<&T>, &mut Dice),
) {
    match dice.below(3) {
        0 => visit(cell.read(&rcu::read_lock()), dice),
        1 => visit(cell.read(&rcu::read_lock_bh()), dice),
        _ => visit(cell.read(&rcu::read_lock_sched()), dice),
    }
}

struct InVanilla(AtomicRcu<RcuBox<Breaking>>);

impl Place for InVanilla {
    const NAME: &'static str = "vanilla";
    type Object = Breaking;

    fn new() -> impl PinInit<Self, Error> {
        Ok(Self(AtomicRcu::empty()))
    }

    fn publish(&self, object: RcuBox<Breaking>) {
        drop(self.0.swap(Some(object)));
    }

    fn read(&self, dice: &mut Dice, visit: impl FnOnce(Option<&Breaking>, &mut Dice)) {
        read_vanilla(&self.0, dice, visit);
    }

    fn retire(&self, way: Way, fate: &Fate, dice: &mut Dice, unlinked: impl FnOnce()) {
        let Some(old) = self.0.swap(None) else {
            return;
        };
        unlinked();
        dice.sleep();
        if let Way::CallHurry = way {
            old.call_rcu_hurry();
            while !fate.has_ended() {
                nap();
            }
        } else {
            way.go(Vanilla, old, fate, dice);
        }
    }
}

struct InVanillaPlain(AtomicRcu<RcuBox<Plain>>);

impl Place for InVanillaPlain {
    const NAME: &'static str = "vanilla";
    type Object = Plain;

    fn new() -> impl PinInit<Self, Error> {
        Ok(Self(AtomicRcu::empty()))
    }

    fn publish(&self, object: RcuBox<Plain>) {
        drop(self.0.swap(Some(object)));
    }

    fn read(&self, dice: &mut Dice, visit: impl FnOnce(Option<&Plain>, &mut Dice)) {
        read_vanilla(&self.0, dice, visit);
    }

    /// As long as the reader is inside, takes memory of the same size and writes to it.
    fn retire(&self, _: Way, fate: &Fate, dice: &mut Dice, unlinked: impl FnOnce()) {
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

    fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            domain <- rcu::new_srcu!("rcu_proof"),
            update <- new_mutex!((), "rcu_proof::update"),
            cell <- SrcuCell::new(None, &update, &domain),
        })
    }

    fn publish(&self, object: RcuBox<Breaking>) {
        if let Ok(updater) = self.cell.updater(&self.domain) {
            drop(updater.replace(&mut self.update.lock(), Some(object)));
        }
    }

    fn read(&self, dice: &mut Dice, visit: impl FnOnce(Option<&Breaking>, &mut Dice)) {
        let guard = self.domain.read_lock();
        visit(self.cell.read(&guard).ok().flatten(), dice);
    }

    fn dawdle(dice: &mut Dice) {
        dice.sleep();
    }

    fn retire(&self, way: Way, fate: &Fate, dice: &mut Dice, unlinked: impl FnOnce()) {
        let Ok(updater) = self.cell.updater(&self.domain) else {
            return;
        };
        let old = updater.replace(&mut self.update.lock(), None);
        unlinked();
        dice.sleep();
        if let Ok(Some(old)) = old {
            way.go(&self.domain, old, fate, dice);
        }
    }
}
