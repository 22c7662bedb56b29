// SPDX-License-Identifier: GPL-2.0

//! [`rcu::Rcu`].

use super::support::{
    lock,
    Drops,
    Probe, //
};
use kernel::{
    current,
    prelude::*,
    sync::{
        aref::ARef,
        Arc, //
    },
    task::Task, //
};
use rcu::{
    Rcu,
    RcuBox, //
};

type Cell = Rcu<RcuBox<Probe>>;

fn probe(drops: &Drops, value: u32) -> Result<RcuBox<Probe>> {
    Ok(RcuBox::new(drops.probe(value), GFP_KERNEL)?)
}

#[kunit_tests(rcu_cell)]
mod tests {
    use super::*;

    #[test]
    fn empty() -> Result {
        let lock = lock()?;
        let cell = Cell::new(None, &*lock);
        assert!(!cell.is_some());
        assert!(cell.read(&rcu::read_lock()).is_none());
        assert!(cell.get(&lock.lock())?.is_none());
        let mut guard = lock.lock();
        let mut updater = cell.updater(&mut guard)?;
        assert!(updater.get().is_none());
        assert!(updater.take().is_none());
        Ok(())
    }

    #[test]
    fn read() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let cell = Cell::new(Some(probe(&drops, 1)?), &*lock);
        assert!(cell.is_some());
        let guard = rcu::read_lock();
        assert!(cell.read(&guard).is_some_and(|probe| probe.value == 1));
        // The kernel crate's guard is a reader just as well.
        let other = kernel::sync::rcu::read_lock();
        assert!(cell.read(&other).is_some_and(|probe| probe.value == 1));
        Ok(())
    }

    #[test]
    fn replace_retires_the_old() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let cell = Cell::new(Some(probe(&drops, 1)?), &*lock);
        let old = cell
            .updater(&mut lock.lock())?
            .replace(Some(probe(&drops, 2)?));
        assert!(cell
            .read(&rcu::read_lock())
            .is_some_and(|probe| probe.value == 2));
        // Unlinked, and still there for readers that came before.
        assert_eq!(drops.count(), 0);
        let old = old.ok_or(EINVAL)?;
        assert_eq!(old.value, 1);
        drop(old.synchronize());
        assert_eq!(drops.count(), 1);
        Ok(())
    }

    #[test]
    fn publish_and_take() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let cell = Cell::new(None, &*lock);
        let mut guard = lock.lock();
        let mut updater = cell.updater(&mut guard)?;
        assert!(updater.publish(probe(&drops, 1)?).is_none());
        let first = cell.access();
        let old = updater.publish(probe(&drops, 2)?).ok_or(EINVAL)?;
        assert_eq!(old.value, 1);
        assert!(cell.access() != first);
        assert!(updater.get().is_some_and(|probe| probe.value == 2));
        old.call_rcu();
        let taken = updater.take().ok_or(EINVAL)?;
        assert_eq!(taken.synchronize().value, 2);
        assert!(cell.access().is_null());
        assert!(updater.take().is_none());
        Ok(())
    }

    #[test]
    fn wrong_lock_changes_nothing() -> Result {
        let (own, other, drops) = (lock()?, lock()?, Drops::new()?);
        let cell = Cell::new(Some(probe(&drops, 1)?), &*own);
        assert!(cell.get(&other.lock()).is_err());
        let refused = cell.updater(&mut other.lock()).map(|_| ());
        assert_eq!(refused.map_err(Error::from), Err(EINVAL));
        assert_eq!(drops.count(), 0);
        assert!(cell
            .read(&rcu::read_lock())
            .is_some_and(|probe| probe.value == 1));
        Ok(())
    }

    #[test]
    fn update_copies() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let cell = Cell::new(Some(probe(&drops, 1)?), &*lock);
        let old = cell
            .updater(&mut lock.lock())?
            .update(|old| probe(&drops, old.map_or(0, |old| old.value + 10)))?;
        assert!(cell
            .get(&lock.lock())?
            .is_some_and(|probe| probe.value == 11));
        assert!(old.is_some_and(|old| old.synchronize().value == 1));
        Ok(())
    }

    #[test]
    fn failed_update_changes_nothing() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let cell = Cell::new(Some(probe(&drops, 1)?), &*lock);
        let failed = cell.updater(&mut lock.lock())?.update(|_| Err(ENOMEM));
        assert!(failed.is_err_and(|error| error == ENOMEM));
        assert!(cell
            .get(&lock.lock())?
            .is_some_and(|probe| probe.value == 1));
        assert_eq!(drops.count(), 0);
        Ok(())
    }

    #[test]
    fn drop_drops() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        drop(Cell::new(Some(probe(&drops, 1)?), &*lock));
        assert_eq!(drops.count(), 1);
        Ok(())
    }

    #[test]
    fn arc() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let new = |value| Arc::new(drops.probe(value), GFP_KERNEL);
        let cell = Rcu::<Arc<Probe>>::new(Some(new(1)?), &*lock);
        let kept = cell.read_arc(&rcu::read_lock()).ok_or(EINVAL)?;
        if let Some(old) = cell.updater(&mut lock.lock())?.take() {
            drop(old.synchronize());
        }
        // The reader's own reference keeps it.
        assert_eq!((kept.value, drops.count()), (1, 0));
        drop(kept);
        assert_eq!(drops.count(), 1);
        assert!(cell.read_arc(&rcu::read_lock()).is_none());
        Ok(())
    }

    #[test]
    fn aref() -> Result {
        let lock = lock()?;
        let task = ARef::from(current!().group_leader());
        let cell = Rcu::<ARef<Task>>::new(Some(task), &*lock);
        // A reader makes a reference of its own from what it borrowed.
        let kept = cell.read(&rcu::read_lock()).map(ARef::from).ok_or(ENOENT)?;
        if let Some(old) = cell.updater(&mut lock.lock())?.take() {
            drop(old.synchronize());
        }
        assert!(kept.pid() > 0);
        Ok(())
    }

    #[test]
    fn kbox() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let new = |value| KBox::new(drops.probe(value), GFP_KERNEL);
        let cell = Rcu::<KBox<Probe>>::new(Some(new(1)?), &*lock);
        let old = cell.updater(&mut lock.lock())?.replace(Some(new(2)?));
        if let Some(old) = old {
            assert_eq!(old.synchronize_expedited().value, 1);
        }
        assert_eq!(drops.count(), 1);
        Ok(())
    }
}
