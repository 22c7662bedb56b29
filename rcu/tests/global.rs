// SPDX-License-Identifier: GPL-2.0

//! [`rcu::GlobalRcu`].

use super::support::{
    Drops,
    Probe,
    Reader, //
};
use crate::TEST_LOCK;
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
    time::Delta, //
};
use rcu::{
    GlobalRcu,
    RcuBox, //
};
use wrappers::kthread::KThread;

static CELL: GlobalRcu<RcuBox<Probe>, TEST_LOCK> = GlobalRcu::empty();

fn probe(drops: &Drops, value: u32) -> Result<RcuBox<Probe>> {
    Ok(RcuBox::new(drops.probe(value), GFP_KERNEL)?)
}

#[kunit_tests(rcu_global)]
mod tests {
    use super::*;

    #[test]
    fn a_static_has_an_owner() -> Result {
        let drops = Drops::new()?;
        let owner = CELL.claim(&TEST_LOCK).ok_or(EBUSY)?;
        assert!(CELL.claim(&TEST_LOCK).is_none());
        let new = Some(probe(&drops, 1)?);
        assert!(CELL.updater(&mut TEST_LOCK.lock()).replace(new).is_none());
        assert!(CELL.is_some());
        drop(owner);
        assert!(!CELL.is_some());
        assert!(drops.wait_for(1));
        drop(CELL.claim(&TEST_LOCK).ok_or(EBUSY)?);
        Ok(())
    }

    /// Who publishes when the owner is gone has nobody to clear up after him but the next owner.
    #[test]
    fn what_comes_after_the_owner_stays_for_the_next() -> Result {
        let drops = Drops::new()?;
        drop(CELL.claim(&TEST_LOCK).ok_or(EBUSY)?);
        let late = Some(probe(&drops, 1)?);
        assert!(CELL.updater(&mut TEST_LOCK.lock()).replace(late).is_none());
        rcu::barrier();
        assert!(CELL.is_some());
        assert_eq!(drops.count(), 0);
        drop(CELL.claim(&TEST_LOCK).ok_or(EBUSY)?);
        assert!(!CELL.is_some());
        assert!(drops.wait_for(1));
        Ok(())
    }

    #[test]
    fn replace_waits_for_the_reader() -> Result {
        let drops = Drops::new()?;
        let cell = GlobalRcu::<_, TEST_LOCK>::new(probe(&drops, 1)?);
        let reader = Reader::vanilla()?;
        let mut lock = TEST_LOCK.lock();
        let guard = rcu::read_lock();
        let before = cell.read(&guard).ok_or(ENOENT)?;
        let new = RcuBox::new(drops.probe(2), GFP_ATOMIC)?;
        let old = cell.updater(&mut lock).publish(new).ok_or(ENOENT)?;
        assert_eq!((before.value, old.value, drops.count()), (1, 1, 0));
        drop(guard);
        // Under the lock it may be followed without a guard.
        assert!(cell.get(&lock).is_some_and(|probe| probe.value == 2));
        drop(lock);
        let _timer = reader.leave_in(Delta::from_millis(20))?;
        assert_eq!(old.synchronize().value, 1);
        assert!(reader.has_left());
        Ok(())
    }

    #[test]
    fn failed_update_changes_nothing() -> Result {
        let drops = Drops::new()?;
        let cell = GlobalRcu::<_, TEST_LOCK>::new(probe(&drops, 1)?);
        let mut lock = TEST_LOCK.lock();
        let mut updater = cell.updater(&mut lock);
        assert!(updater.update(|_| Err(ENOMEM)).is_err());
        assert_eq!(drops.count(), 0);
        let old = updater.update(|old| probe(&drops, old.map_or(0, |old| old.value + 10)))?;
        assert!(old.is_some_and(|old| old.value == 1));
        assert!(cell.get(&lock).is_some_and(|probe| probe.value == 11));
        drop(lock);
        drop(cell);
        assert!(drops.wait_for(2));
        Ok(())
    }

    #[test]
    fn updates_race() -> Result {
        const UPDATES: u32 = 500;
        let cell = Arc::new(GlobalRcu::<RcuBox<u32>, TEST_LOCK>::empty(), GFP_KERNEL)?;
        let failed = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let mut updaters = KVec::new();
        for _ in 0..3 {
            let (cell, failed) = (cell.clone(), failed.clone());
            let updater = KThread::spawn(c"rcu_test_updater", None, move |_| {
                for _ in 0..UPDATES {
                    let updated = cell
                        .updater(&mut TEST_LOCK.lock())
                        .update(|old| Ok(RcuBox::new(old.copied().unwrap_or(0) + 1, GFP_KERNEL)?));
                    if updated.is_err() {
                        failed.fetch_add(1, Relaxed);
                    }
                }
            })?;
            updaters.push(updater, GFP_KERNEL)?;
        }
        // A thread that is stopped before it has begun never begins.
        let sum = || cell.read(&rcu::read_lock()).copied().unwrap_or(0) + failed.load(Relaxed);
        assert!(super::super::support::wait_until(|| sum() == 3 * UPDATES));
        assert_eq!(failed.load(Relaxed), 0);
        drop(updaters);
        Ok(())
    }
}
