// SPDX-License-Identifier: GPL-2.0

//! [`rcu::AtomicRcu`].

use super::support::{
    Drops,
    Probe, //
};
use kernel::{
    prelude::*,
    sync::Arc,
    time::{
        delay::fsleep,
        Delta, //
    },
};
use rcu::{
    AtomicRcu,
    RcuBox, //
};
use wrappers::kthread::KThread;

static STATIC: AtomicRcu<RcuBox<Probe>> = AtomicRcu::empty();

fn probe(drops: &Drops, value: u32) -> Result<RcuBox<Probe>> {
    Ok(RcuBox::new(drops.probe(value), GFP_KERNEL)?)
}

/// Adds one, as several do at once.
fn increment(cell: &AtomicRcu<RcuBox<u32>>) -> Result {
    let old = cell.update(&rcu::read_lock(), |now| {
        Ok(RcuBox::new(now.map_or(0, |now| now + 1), GFP_ATOMIC)?)
    })?;
    drop(old);
    Ok(())
}

#[kunit_tests(rcu_atomic)]
mod tests {
    use super::*;

    #[test]
    fn swap() -> Result {
        let drops = Drops::new()?;
        let cell = AtomicRcu::<RcuBox<Probe>>::empty();
        assert!(cell.read(&rcu::read_lock()).is_none());
        assert!(cell.swap(Some(probe(&drops, 1)?)).is_none());
        let old = cell.swap(Some(probe(&drops, 2)?)).ok_or(EINVAL)?;
        assert_eq!((old.value, drops.count()), (1, 0));
        drop(old.synchronize());
        drop(cell);
        assert_eq!(drops.count(), 2);
        Ok(())
    }

    #[test]
    fn compare_exchange() -> Result {
        let drops = Drops::new()?;
        let cell = AtomicRcu::<RcuBox<Probe>>::new(probe(&drops, 1)?);
        let (second, third) = (probe(&drops, 2)?, probe(&drops, 3)?);
        let guard = rcu::read_lock();
        let first = cell.read(&guard);
        assert!(cell
            .compare_exchange(&guard, first, Some(second))
            .is_ok_and(|old| old.is_some_and(|old| old.value == 1)));
        // It is not `first` any more: both what is there and what was brought come back.
        let refused = cell.compare_exchange(&guard, first, Some(third));
        assert!(refused.is_err_and(|(now, back)| {
            now.is_some_and(|now| now.value == 2) && back.is_some_and(|back| back.value == 3)
        }));
        drop(guard);
        assert!(drops.wait_for(2));
        Ok(())
    }

    #[test]
    fn failed_update_changes_nothing() -> Result {
        let drops = Drops::new()?;
        let cell = AtomicRcu::<RcuBox<Probe>>::new(probe(&drops, 1)?);
        let failed = cell.update(&rcu::read_lock(), |_| Err(ENOMEM));
        assert!(failed.is_err_and(|error| error == ENOMEM));
        assert!(cell.is_some());
        assert_eq!(drops.count(), 0);
        Ok(())
    }

    #[test]
    fn exchanges_race() -> Result {
        const THREADS: usize = 4;
        const ROUNDS: usize = 500;
        let cell = Arc::new(AtomicRcu::new(RcuBox::new(0, GFP_KERNEL)?), GFP_KERNEL)?;
        let failed = Arc::new(kernel::sync::atomic::Atomic::new(0u32), GFP_KERNEL)?;
        let mut threads = KVec::new();
        for _ in 0..THREADS {
            let (cell, failed) = (cell.clone(), failed.clone());
            let thread = KThread::spawn(c"rcu_test_adder", None, move |_| {
                for _ in 0..ROUNDS {
                    if increment(&cell).is_err() {
                        failed.fetch_add(1, kernel::sync::atomic::Relaxed);
                    }
                }
            })?;
            threads.push(thread, GFP_KERNEL)?;
        }
        let total = (THREADS * ROUNDS) as u32;
        let seen = || cell.read(&rcu::read_lock()).copied();
        assert!(super::super::support::wait_until(|| seen() == Some(total)));
        drop(threads);
        assert_eq!(failed.load(kernel::sync::atomic::Relaxed), 0);
        Ok(())
    }

    #[test]
    fn a_static_has_one_owner() -> Result {
        let drops = Drops::new()?;
        let owner = STATIC.claim().ok_or(EBUSY)?;
        assert!(STATIC.claim().is_none());
        drop(STATIC.swap(Some(probe(&drops, 1)?)));
        fsleep(Delta::from_millis(1));
        assert_eq!(drops.count(), 0);
        drop(owner);
        assert!(STATIC.read(&rcu::read_lock()).is_none());
        assert!(drops.wait_for(1));
        assert!(STATIC.claim().is_some());
        Ok(())
    }
}
