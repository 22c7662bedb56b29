// SPDX-License-Identifier: GPL-2.0

//! Unloading under fire: thousands of objects of every kind wait for their drop when the module
//! goes, or when its init fails.

use crate::module_parameters;
use core::borrow::Borrow;
use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Mutex, //
    },
    time::{
        delay::fsleep,
        Delta, //
    },
    InPlaceModule, //
};
use rcu::{
    AtomicRcu,
    DropInSoftirq,
    RcuBox,
    Retired,
    Srcu,
    SrcuCell,
    Vanilla, //
};

/// Objects that were made, and those whose drop has run. They need no drop themselves, so that the
/// ledger can look at them last.
static MADE: Atomic<u64> = Atomic::new(0);
static DROPPED: Atomic<u64> = Atomic::new(0);
/// Objects that no drop will tell of.
static FREED: Atomic<u64> = Atomic::new(0);

/// How often a [`Chain`] retires another of its kind.
const LINKS: u32 = 3;

/// The books: dropped when everything is over but the unloading itself.
pub(crate) struct Ledger;

impl Drop for Ledger {
    fn drop(&mut self) {
        let (made, dropped) = (MADE.load(Relaxed), DROPPED.load(Relaxed));
        let freed = FREED.load(Relaxed);
        if made + freed > 0 {
            pr_info!("made {made} dropped {dropped} left-to-kfree_rcu {freed}\n");
        }
    }
}

/// Counts itself.
struct Counted(());

impl Counted {
    fn new() -> Self {
        MADE.fetch_add(1, Relaxed);
        Self(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Relaxed);
    }
}

// SAFETY: The drop adds to an atomic, which neither sleeps nor takes a lock.
unsafe impl DropInSoftirq for Counted {}

/// Sleeps when dropped.
struct Sleepy {
    _counted: Counted,
}

impl Sleepy {
    fn new() -> Self {
        Self {
            _counted: Counted::new(),
        }
    }
}

impl Drop for Sleepy {
    fn drop(&mut self) {
        fsleep(Delta::from_micros(200));
    }
}

/// Retires another of its kind when dropped, until none is left.
struct Chain {
    left: u32,
    _counted: Counted,
}

impl Chain {
    fn new(left: u32) -> Self {
        Self {
            left,
            _counted: Counted::new(),
        }
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        if self.left > 0 {
            if let Ok(next) = retired(Chain::new(self.left - 1)) {
                next.call_rcu();
            }
        }
    }
}

/// An object that was published and is retired now.
fn retired<T: Send + Sync>(value: T) -> Result<Retired<RcuBox<T>, Vanilla>> {
    let cell = AtomicRcu::<RcuBox<T>>::new(RcuBox::new(value, GFP_KERNEL)?);
    cell.swap(None).ok_or(EINVAL)
}

/// A parameter's value: newer series give it out by value.
fn copy<T: Copy>(value: impl Borrow<T>) -> T {
    *value.borrow()
}

/// What the module holds until it goes.
#[pin_data]
pub(crate) struct Fire {
    #[pin]
    domain: Srcu,
    #[pin]
    update: Mutex<()>,
    #[pin]
    cell: SrcuCell<RcuBox<Counted>>,
}

impl InPlaceModule for Fire {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            domain <- rcu::new_srcu!("rcu_proof::fire"),
            update <- new_mutex!((), "rcu_proof::fire"),
            cell <- SrcuCell::new(None, &update, &domain),
        })
        .pin_chain(|fire| {
            for number in 0..copy::<u32>(module_parameters::pending.value()) {
                fire.retire(number)?;
            }
            if copy::<u8>(module_parameters::fail.value()) != 0 {
                return Err(EINTR);
            }
            Ok(())
        })
    }
}

impl Fire {
    /// Retires one object, of a kind that depends on its number.
    fn retire(&self, number: u32) -> Result {
        match number % 16 {
            0..4 => retired(Counted::new())?.call_rcu(),
            4..8 => retired(Counted::new())?.call_rcu_softirq(),
            8..10 => {
                retired(number)?.call_rcu();
                FREED.fetch_add(1, Relaxed);
            }
            10..12 => {
                let object = RcuBox::new(Counted::new(), GFP_KERNEL)?;
                let updater = self.cell.updater(&self.domain)?;
                if let Some(old) = updater.replace(&mut self.update.lock(), Some(object))? {
                    old.call_rcu();
                }
            }
            12 => drop(retired(Counted::new())?.start_poll()),
            13 => retired(Sleepy::new())?.call_rcu(),
            _ => retired(Chain::new(LINKS))?.call_rcu(),
        }
        Ok(())
    }
}
