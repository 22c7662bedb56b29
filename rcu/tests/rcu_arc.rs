// SPDX-License-Identifier: GPL-2.0

//! [`rcu::RcuArc`]: references taken under a guard.

use super::support::{
    lock,
    wait_until,
    Drops,
    Probe, //
};
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
    time::{
        delay::fsleep,
        Delta, //
    },
};
use rcu::{
    AtomicRcu,
    Rcu,
    RcuArc, //
};
use wrappers::kthread::KThread;

type Cell = AtomicRcu<RcuArc<Probe>>;

fn object(drops: &Drops, value: u32) -> Result<RcuArc<Probe>> {
    Ok(RcuArc::new(drops.probe(value), GFP_KERNEL)?)
}

#[kunit_tests(rcu_arc)]
mod tests {
    use super::*;

    #[test]
    fn last_reference_drops() -> Result {
        let drops = Drops::new()?;
        let one = object(&drops, 1)?;
        let other = one.clone();
        drop(one);
        rcu::synchronize();
        assert_eq!((other.value, drops.count()), (1, 0));
        drop(other);
        assert!(drops.wait_for(1));
        Ok(())
    }

    #[test]
    fn nothing_to_drop_is_no_callback() -> Result {
        let before = rcu::retirements().total();
        drop(RcuArc::new([1u64; 4], GFP_KERNEL)?);
        assert_eq!(rcu::retirements().total(), before);
        Ok(())
    }

    #[test]
    fn upgrade_outlives_the_cell() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let cell = Rcu::<RcuArc<Probe>>::new(Some(object(&drops, 1)?), &*lock);
        let find = || cell.read(&rcu::read_lock())?.upgrade();
        let kept = find().ok_or(ENOENT)?;
        drop(cell.updater(&mut lock.lock())?.take());
        rcu::synchronize();
        assert!(find().is_none());
        assert_eq!((kept.value, drops.count()), (1, 0));
        drop(kept);
        assert!(drops.wait_for(1));
        Ok(())
    }

    #[cfg(not(CONFIG_TINY_RCU))]
    #[test]
    fn too_late_to_upgrade() -> Result {
        let drops = Drops::new()?;
        let cell = Arc::new(Cell::new(object(&drops, 3)?), GFP_KERNEL)?;
        let (value, upgraded) = (
            Arc::new(Atomic::new(0u32), GFP_KERNEL)?,
            Arc::new(Atomic::new(true), GFP_KERNEL)?,
        );
        let (theirs, seen, taken) = (cell.clone(), value.clone(), upgraded.clone());
        let reader = super::super::support::Reader::enter(move |wait| {
            let guard = rcu::read_lock();
            let found = theirs.read(&guard);
            wait();
            // The last reference is gone since, and the object is still there for us.
            if let Some(found) = found {
                seen.store(found.value, Relaxed);
                taken.store(found.upgrade().is_some(), Relaxed);
            }
        })?;
        drop(cell.swap(None));
        fsleep(Delta::from_millis(20));
        assert_eq!(drops.count(), 0);
        reader.leave();
        assert!(drops.wait_for(1));
        drop(reader);
        assert_eq!((value.load(Relaxed), upgraded.load(Relaxed)), (3, false));
        Ok(())
    }

    #[test]
    fn lookups_race_with_replacements() -> Result {
        const ROUNDS: u32 = 500;
        let drops = Drops::new()?;
        let cell = Arc::new(Cell::new(object(&drops, 0)?), GFP_KERNEL)?;
        let wrong = Arc::new(Atomic::new(0u32), GFP_KERNEL)?;
        let mut readers = KVec::new();
        for _ in 0..2 {
            let (cell, wrong) = (cell.clone(), wrong.clone());
            let reader = KThread::spawn(c"rcu_test_finder", None, move |this| {
                let mut last = 0;
                while !this.should_stop() {
                    let found = cell.read(&rcu::read_lock()).and_then(|o| o.upgrade());
                    // No guard is held here, and values only grow.
                    if let Some(found) = found {
                        if found.value < last {
                            wrong.fetch_add(1, Relaxed);
                        }
                        last = found.value;
                    }
                    fsleep(Delta::from_micros(50));
                }
            })?;
            readers.push(reader, GFP_KERNEL)?;
        }
        for value in 1..=ROUNDS {
            drop(cell.swap(Some(object(&drops, value)?)));
            if value % 50 == 0 {
                fsleep(Delta::from_micros(100));
            }
        }
        drop(readers);
        assert_eq!(wrong.load(Relaxed), 0);
        drop(cell);
        assert!(wait_until(|| drops.count() == ROUNDS + 1));
        Ok(())
    }
}
