// SPDX-License-Identifier: GPL-2.0

//! Updaters: publish, retire, poll. The objects are made before the clock runs.

use crate::{
    operation::{
        times,
        times_each,
        times_taking,
        Operation,
        FEW,
        MANY, //
    },
    reference,
    BENCH_LOCK, //
};
use core::mem;
use kernel::{
    new_mutex,
    prelude::*,
    sync::GlobalGuard, //
};
use rcu::{
    AtomicRcu,
    Cookie,
    GlobalRcu,
    Rcu,
    RcuBox,
    Retired,
    Updater,
    Vanilla, //
};

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "synchronize",
        rounds: FEW,
        c: reference::rculab_bench_synchronize,
        rust: |rounds| Ok(times(rounds, rcu::synchronize)),
    },
    Operation {
        name: "synchronize_expedited",
        rounds: FEW,
        c: reference::rculab_bench_synchronize_expedited,
        rust: |rounds| Ok(times(rounds, rcu::synchronize_expedited)),
    },
    Operation {
        name: "publish",
        rounds: MANY,
        c: reference::rculab_bench_publish,
        rust: publish,
    },
    Operation {
        name: "publish, under a lock",
        rounds: MANY,
        c: reference::rculab_bench_replace,
        rust: replace_global,
    },
    Operation {
        name: "publish, lock by address",
        rounds: MANY,
        c: reference::rculab_bench_replace_one,
        rust: replace,
    },
    Operation {
        name: "retire, call_rcu",
        rounds: MANY,
        c: reference::rculab_bench_call_rcu,
        rust: call_rcu,
    },
    Operation {
        name: "retire, kfree_rcu",
        rounds: MANY,
        c: reference::rculab_bench_kfree_rcu,
        rust: kfree_rcu,
    },
    Operation {
        name: "update, call_rcu",
        rounds: MANY,
        c: reference::rculab_bench_update_call_rcu,
        rust: update_call_rcu,
    },
    Operation {
        name: "update, kfree_rcu",
        rounds: MANY,
        c: reference::rculab_bench_update_kfree_rcu,
        rust: update_kfree_rcu,
    },
    Operation {
        name: "poll",
        rounds: MANY,
        c: reference::rculab_bench_poll,
        rust: poll,
    },
];

/// A payload whose drop has to be run, so that its retirement takes a callback.
struct Dropped(#[expect(dead_code, reason = "as large as C's")] u64);

impl Drop for Dropped {
    #[inline]
    fn drop(&mut self) {}
}

/// Makes so many of something.
fn make<T>(count: u32, mut one: impl FnMut() -> Result<T>) -> Result<KVec<T>> {
    let mut all = KVec::with_capacity(count as usize, GFP_KERNEL)?;
    for _ in 0..count {
        all.push(one()?, GFP_KERNEL)?;
    }
    Ok(all)
}

/// An object that was published and is retired now.
fn retired<T: Send + Sync>(value: T) -> Result<Retired<RcuBox<T>, Vanilla>> {
    let cell: AtomicRcu<RcuBox<T>> = AtomicRcu::new(RcuBox::new(value, GFP_KERNEL)?);
    cell.swap(None).ok_or(EINVAL)
}

/// A cell, and what is to be published in it.
struct Slot {
    cell: AtomicRcu<RcuBox<u64>>,
    new: Option<RcuBox<u64>>,
}

fn publish(rounds: u32) -> Result<u64> {
    let mut slots = make(rounds, || {
        Ok(Slot {
            cell: AtomicRcu::empty(),
            new: Some(RcuBox::new(0, GFP_KERNEL)?),
        })
    })?;
    Ok(publish_all(&mut slots))
}

/// Apart, so that the loop carries nothing but what it does.
#[inline(never)]
fn publish_all(slots: &mut [Slot]) -> u64 {
    times_each(slots, |slot| drop(slot.cell.swap(slot.new.take())))
}

/// As [`Slot`], with a cell that is changed under the lock that its type names, as C's is.
struct Global {
    cell: GlobalRcu<RcuBox<u64>, BENCH_LOCK>,
    new: Option<RcuBox<u64>>,
}

fn replace_global(rounds: u32) -> Result<u64> {
    let mut slots = make(rounds, || {
        Ok(Global {
            cell: GlobalRcu::empty(),
            new: Some(RcuBox::new(0, GFP_KERNEL)?),
        })
    })?;
    let ticks = replace_all_global(&mut slots, &mut BENCH_LOCK.lock());
    Ok(ticks)
}

#[inline(never)]
fn replace_all_global(slots: &mut [Global], guard: &mut GlobalGuard<BENCH_LOCK>) -> u64 {
    times_each(slots, |slot| {
        drop(slot.cell.updater(guard).replace(slot.new.take()))
    })
}

/// What is to be published in a cell, and what that unlinks.
struct Turn {
    new: Option<RcuBox<u64>>,
    old: Option<Retired<RcuBox<u64>, Vanilla>>,
}

/// One cell, whose old pointers are kept: retiring is measured by itself. As in C, what is to be
/// done about the lock is done before.
fn replace(rounds: u32) -> Result<u64> {
    let lock = KBox::pin_init(new_mutex!((), "rcu_bench::replace"), GFP_KERNEL)?;
    let cell: Rcu<RcuBox<u64>> = Rcu::new(None, &*lock);
    let mut turns = make(rounds, || {
        Ok(Turn {
            new: Some(RcuBox::new(0, GFP_KERNEL)?),
            old: None,
        })
    })?;
    let ticks = replace_all(&mut turns, cell.updater(&mut lock.lock())?);
    Ok(ticks)
}

#[inline(never)]
fn replace_all(turns: &mut [Turn], mut updater: Updater<'_, RcuBox<u64>>) -> u64 {
    times_each(turns, |turn| {
        let old = updater.replace(turn.new.take());
        // There was none before, so that nothing is dropped here.
        mem::forget(mem::replace(&mut turn.old, old));
    })
}

fn call_rcu(rounds: u32) -> Result<u64> {
    let objects = make(rounds, || retired(Dropped(0)))?;
    let ticks = times_taking(objects, Retired::call_rcu);
    rcu::barrier();
    Ok(ticks)
}

fn kfree_rcu(rounds: u32) -> Result<u64> {
    let objects = make(rounds, || retired(0u64))?;
    let ticks = times_taking(objects, Retired::call_rcu);
    rcu::barrier();
    Ok(ticks)
}

/// Updates a cell so many times: allocates, publishes, retires what was there.
#[inline(always)]
fn update<T: Send + Sync + 'static>(rounds: u32, value: impl Fn() -> T) -> u64 {
    let cell: AtomicRcu<RcuBox<T>> = AtomicRcu::empty();
    times(rounds, || {
        if let Ok(new) = RcuBox::new(value(), GFP_KERNEL) {
            drop(cell.swap(Some(new)));
        }
    })
}

fn update_call_rcu(rounds: u32) -> Result<u64> {
    Ok(update(rounds, || Dropped(0)))
}

fn update_kfree_rcu(rounds: u32) -> Result<u64> {
    Ok(update(rounds, || 0u64))
}

/// The reader that is inside keeps the grace period from ending.
fn poll(rounds: u32) -> Result<u64> {
    let guard = rcu::read_lock();
    let cookie = Cookie::start(Vanilla);
    let mut ended = 0;
    let ticks = times(rounds, || ended += u32::from(cookie.poll()));
    drop(guard);
    (ended == 0).then_some(ticks).ok_or(EBUSY)
}
