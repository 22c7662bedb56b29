// SPDX-License-Identifier: GPL-2.0

//! What types cannot stop, done on purpose: the debug kernel has to say so, or nothing happens, as
//! the crate's documentation has it.

use crate::delay::nap;
use kernel::{
    new_spinlock,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        SpinLock, //
    },
    task::might_sleep, //
};
use rcu::{
    AtomicRcu,
    DropInSoftirq,
    RcuBox,
    Retired,
    Vanilla, //
};
use wrappers::kthread::KThread;

/// A pitfall, and the name that `control` takes for it.
type Pitfall = (&'static str, fn() -> Result);

/// All of them.
const ALL: &[Pitfall] = &[
    ("sleep-in-reader", sleep_in_reader),
    ("wait-in-reader", wait_in_reader),
    ("retire-in-reader", retire_in_reader),
    ("leak-guard", leak_guard),
    ("softirq-lock", softirq_lock),
];

/// Falls into the one of this name.
pub(crate) fn fall(name: &str) -> Option<Result> {
    let (_, fall) = ALL.iter().find(|(known, _)| *known == name)?;
    Some(fall())
}

/// Calls what may sleep. `DEBUG_ATOMIC_SLEEP` reports it.
fn sleep_in_reader() -> Result {
    let _guard = rcu::read_lock();
    might_sleep();
    Ok(())
}

/// Waits for a grace period inside a section. In the section's own domain it would wait for ever;
/// `PROVE_RCU` reports both, and here, where the domain is another, it ends.
fn wait_in_reader() -> Result {
    let domain = KBox::pin_init(rcu::new_srcu!("rcu_proof::wait"), GFP_KERNEL)?;
    let guard = rcu::read_lock();
    domain.synchronize();
    drop(guard);
    Ok(())
}

/// An object that was published and is retired now.
fn retired<T: Send + Sync>(value: T) -> Result<Retired<RcuBox<T>, Vanilla>> {
    let cell = AtomicRcu::<RcuBox<T>>::new(RcuBox::new(value, GFP_KERNEL)?);
    cell.swap(None).ok_or(EINVAL)
}

/// Drops what it retired, inside its own section. That only queues a callback: nothing happens.
fn retire_in_reader() -> Result {
    let counted = Arc::new((), GFP_KERNEL)?;
    let old = retired(counted)?;
    let _guard = rcu::read_lock();
    drop(old);
    Ok(())
}

/// A task leaks its guard and ends, and its section with it. It sleeps on its way out, which
/// `DEBUG_ATOMIC_SLEEP` reports, and grace periods go on.
fn leak_guard() -> Result {
    let leaked = Arc::new(Atomic::new(false), GFP_KERNEL)?;
    let leaker = KThread::spawn(c"rcu_leaker", None, {
        let leaked = leaked.clone();
        move |_| {
            core::mem::forget(rcu::read_lock());
            leaked.store(true, Relaxed);
        }
    })?;
    while !leaked.load(Relaxed) {
        nap();
    }
    drop(leaker);
    rcu::synchronize();
    Ok(())
}

/// Takes a lock when dropped.
struct Locking(Arc<Lock>);

#[pin_data]
struct Lock {
    #[pin]
    lock: SpinLock<u32>,
}

impl Drop for Locking {
    fn drop(&mut self) {
        *self.0.lock.lock() += 1;
    }
}

// SAFETY: A lie: the lock is taken with softirqs enabled elsewhere, on purpose, and never while
// a drop that is awaited may interrupt it.
unsafe impl DropInSoftirq for Locking {}

/// Takes a lock in softirq context that was taken with softirqs enabled: the one promise that a
/// module makes by itself, broken. Lockdep reports it.
fn softirq_lock() -> Result {
    let lock = Arc::pin_init(
        pin_init!(Lock {
            lock <- new_spinlock!(0, "rcu_proof::softirq"),
        }),
        GFP_KERNEL,
    )?;
    *lock.lock.lock() = 0;
    retired(Locking(lock))?.call_rcu_softirq();
    rcu::barrier();
    Ok(())
}
