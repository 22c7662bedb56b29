// SPDX-License-Identifier: GPL-2.0

//! [`rcu::NonNullRcu`].

use super::support::{
    lock,
    Drops,
    Probe, //
};
use kernel::prelude::*;
use rcu::{
    NonNullRcu,
    RcuBox, //
};

type Cell = NonNullRcu<RcuBox<Probe>>;

fn probe(drops: &Drops, value: u32) -> Result<RcuBox<Probe>> {
    Ok(RcuBox::new(drops.probe(value), GFP_KERNEL)?)
}

#[kunit_tests(rcu_non_null)]
mod tests {
    use super::*;

    #[test]
    fn replace_retires_the_old() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let cell = Cell::new(probe(&drops, 1)?, &*lock);
        let before = cell.access();
        let old = cell.updater(&mut lock.lock())?.replace(probe(&drops, 2)?);
        assert!(cell.access() != before);
        assert_eq!(cell.read(&rcu::read_lock()).value, 2);
        assert_eq!((old.value, drops.count()), (1, 0));
        drop(old.synchronize());
        drop(cell);
        assert_eq!(drops.count(), 2);
        Ok(())
    }

    #[test]
    fn update_copies() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let cell = Cell::new(probe(&drops, 1)?, &*lock);
        let mut guard = lock.lock();
        let mut updater = cell.updater(&mut guard)?;
        let old = updater.update(|old| probe(&drops, old.value + 10))?;
        assert_eq!(updater.get().value, 11);
        assert_eq!(cell.get(&guard)?.value, 11);
        assert_eq!(old.synchronize_expedited().value, 1);
        Ok(())
    }

    #[test]
    fn what_fails_changes_nothing() -> Result {
        let (own, other, drops) = (lock()?, lock()?, Drops::new()?);
        let cell = Cell::new(probe(&drops, 1)?, &*own);
        assert!(cell.get(&other.lock()).is_err());
        assert!(cell.updater(&mut other.lock()).is_err());
        let failed = cell.updater(&mut own.lock())?.update(|_| Err(ENOMEM));
        assert!(failed.is_err_and(|error| error == ENOMEM));
        assert_eq!(cell.read(&rcu::read_lock()).value, 1);
        assert_eq!(drops.count(), 0);
        Ok(())
    }
}
