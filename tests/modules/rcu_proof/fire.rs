// SPDX-License-Identifier: GPL-2.0

//! Unloading under fire: thousands of objects of every kind wait for their drop, in every kind of
//! domain, when the module goes, or when its init fails.

use crate::{
    module_parameters,
    ProofFast,
    ProofFastUpDown,
    ProofNmiSafe,
    ProofNormal, //
};
use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        Mutex, //
    },
    time::{
        delay::fsleep,
        Delta, //
    },
    InPlaceModule, //
};
use rcu::{
    tasks::{
        Tasks,
        Trace, //
    },
    work::{
        RcuWork,
        RcuWorkItem,
        RcuWorkqueue, //
    },
    AtomicRcu,
    Domain,
    DropInSoftirq,
    Global,
    Pool,
    PoolCell,
    RcuArc,
    RcuBox,
    Retired,
    Srcu,
    SrcuCell,
    Vanilla, //
};
use wrappers::module::parameter;

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

/// Retires another of its kind when dropped, until none is left: to another domain each time.
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
        let Some(left) = self.left.checked_sub(1) else {
            return;
        };
        let next = Chain::new(left);
        // An allocation that fails ends the chain, and the books are right all the same.
        let _ = match left {
            0 => call::<ProofFast, _>(next),
            1 => call::<Tasks, _>(next),
            _ => call::<Vanilla, _>(next),
        };
    }
}

/// Counts itself when it is dropped, after it was run.
struct Item {
    _counted: Counted,
}

impl RcuWorkItem for Item {
    fn run(_this: Arc<RcuWork<Self>>) {
        fsleep(Delta::from_micros(200));
    }
}

/// An object that was published in a domain and is retired now.
fn retired<D: Global, T: Send + Sync>(value: T) -> Result<Retired<RcuBox<T>, D>> {
    let cell = AtomicRcu::<RcuBox<T>, D>::new(RcuBox::new(value, GFP_KERNEL)?);
    cell.swap(None).ok_or(EINVAL)
}

fn call<D: Global, T: Send + Sync + 'static>(value: T) -> Result {
    retired::<D, T>(value)?.call_rcu();
    Ok(())
}

fn call_softirq<D: Global>() -> Result {
    retired::<D, Counted>(Counted::new())?.call_rcu_softirq();
    Ok(())
}

/// Something to retire.
type Kind = fn(&Fire) -> Result;

/// One of each kind, in turn.
const KINDS: &[Kind] = &[
    |_| call::<Vanilla, _>(Counted::new()),
    |_| call_softirq::<Vanilla>(),
    |_| {
        retired::<Vanilla, _>(Counted::new())?.call_rcu_hurry();
        Ok(())
    },
    |_| {
        drop(retired::<Vanilla, _>(Counted::new())?.start_poll());
        Ok(())
    },
    |_| {
        call::<Vanilla, _>(FREED.load(Relaxed))?;
        FREED.fetch_add(1, Relaxed);
        Ok(())
    },
    |_| call::<Vanilla, _>(Sleepy::new()),
    |_| call::<Vanilla, _>(Chain::new(LINKS)),
    |_| {
        drop(RcuArc::new(Counted::new(), GFP_KERNEL)?);
        Ok(())
    },
    |fire| {
        let object = fire.pool.alloc(Counted::new(), GFP_KERNEL)?;
        drop(fire.place.swap(Some(object)));
        Ok(())
    },
    |fire| {
        let item = Item {
            _counted: Counted::new(),
        };
        Ok(fire.queue.queue(RcuWork::new(item, GFP_KERNEL)?)?)
    },
    Fire::retire_in_own_domain,
    |_| call::<ProofNormal, _>(Counted::new()),
    |_| call_softirq::<ProofNormal>(),
    |_| call::<ProofFast, _>(Counted::new()),
    |_| call_softirq::<ProofFast>(),
    |_| call::<ProofFastUpDown, _>(Counted::new()),
    |_| call::<ProofNmiSafe, _>(Counted::new()),
    |_| call_softirq::<ProofNmiSafe>(),
    |_| call::<Trace, _>(Counted::new()),
    |_| call_softirq::<Trace>(),
    |_| call::<Tasks, _>(Counted::new()),
    |_| call_softirq::<Tasks>(),
    |_| {
        Tasks
            .retire(RcuBox::new(Sleepy::new(), GFP_KERNEL)?)
            .call_rcu();
        Ok(())
    },
];

/// What the module holds until it goes.
#[pin_data]
pub(crate) struct Fire {
    #[pin]
    domain: Srcu,
    #[pin]
    update: Mutex<()>,
    #[pin]
    cell: SrcuCell<RcuBox<Counted>>,
    // The place goes before what its object is of, though it need not.
    place: PoolCell<Counted>,
    pool: Pool<Counted>,
    queue: RcuWorkqueue,
}

impl InPlaceModule for Fire {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            domain <- rcu::new_srcu!("rcu_proof::fire"),
            update <- new_mutex!((), "rcu_proof::fire"),
            cell <- SrcuCell::new(None, &update, &domain),
            place: PoolCell::empty(),
            pool: Pool::new(c"rcu_proof_fire")?,
            queue: RcuWorkqueue::new(c"rcu_proof_fire")?,
        })
        .pin_chain(|fire| {
            let pending = parameter::<u32>(module_parameters::pending.value());
            for (_, retire) in (0..pending).zip(KINDS.iter().cycle()) {
                retire(&fire)?;
            }
            if parameter::<u8>(module_parameters::fail.value()) != 0 {
                return Err(EINTR);
            }
            Ok(())
        })
    }
}

impl Fire {
    /// In a domain that goes with the module's state.
    fn retire_in_own_domain(&self) -> Result {
        let object = RcuBox::new(Counted::new(), GFP_KERNEL)?;
        let mut lock = self.update.lock();
        drop(self.cell.updater(&mut lock, &self.domain)?.publish(object));
        Ok(())
    }
}
