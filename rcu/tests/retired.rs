// SPDX-License-Identifier: GPL-2.0

//! [`rcu::Retired`], [`rcu::Polled`]: every way out waits for readers that came before.

use super::support::{
    lock,
    wait_until,
    Drops,
    Probe,
    Reader, //
};
use kernel::{
    prelude::*,
    time::Delta, //
};
use rcu::{
    AtomicRcu,
    Rcu,
    RcuBox,
    Retired,
    Vanilla, //
};

/// An object that was published and is retired now.
fn retired(drops: &Drops, value: u32) -> Result<Retired<RcuBox<Probe>, Vanilla>> {
    let lock = lock()?;
    let cell = Rcu::new(Some(RcuBox::new(drops.probe(value), GFP_KERNEL)?), &*lock);
    let old = cell.updater(&mut lock.lock())?.take();
    old.ok_or(EINVAL)
}

#[kunit_tests(rcu_retired)]
mod tests {
    use super::*;

    const WHILE: Delta = Delta::from_millis(20);

    #[test]
    fn synchronize_waits_for_the_reader() -> Result {
        let (drops, reader) = (Drops::new()?, Reader::vanilla()?);
        let old = retired(&drops, 5)?;
        let _timer = reader.leave_in(WHILE)?;
        let old = old.synchronize();
        assert!(reader.has_left());
        assert_eq!((old.value, drops.count()), (5, 0));
        Ok(())
    }

    #[test]
    fn expedited_waits_for_the_reader() -> Result {
        let (drops, reader) = (Drops::new()?, Reader::vanilla()?);
        let old = retired(&drops, 6)?;
        let _timer = reader.leave_in(WHILE)?;
        let old = old.synchronize_expedited();
        assert!(reader.has_left());
        assert_eq!((old.value, drops.count()), (6, 0));
        Ok(())
    }

    #[test]
    fn poll_waits_for_the_reader() -> Result {
        let (drops, reader) = (Drops::new()?, Reader::vanilla()?);
        let polled = retired(&drops, 7)?.start_poll();
        let polled = match polled.try_finish() {
            Ok(_) => return Err(EBUSY),
            Err(polled) => polled,
        };
        reader.leave();
        // `Polled` is moved by each try, so it is kept in a place that the closure can take it from.
        let place = core::cell::RefCell::new(Some(polled));
        assert!(wait_until(|| {
            match place.take().map(rcu::Polled::try_finish) {
                Some(Err(later)) => {
                    place.replace(Some(later));
                    false
                }
                finished => matches!(finished, Some(Ok(old)) if old.value == 7),
            }
        }));
        assert!(reader.has_left());
        assert_eq!(drops.count(), 1);
        Ok(())
    }

    #[test]
    fn a_polled_can_be_waited_for() -> Result {
        for start in [Retired::start_poll, Retired::start_poll_expedited] {
            let (drops, reader) = (Drops::new()?, Reader::vanilla()?);
            let polled = start(retired(&drops, 3)?);
            let _timer = reader.leave_in(WHILE)?;
            let old = polled.synchronize();
            assert!(reader.has_left());
            assert_eq!((old.value, drops.count()), (3, 0));
        }
        Ok(())
    }

    #[cfg(not(CONFIG_TINY_RCU))]
    #[test]
    fn call_rcu_waits_for_the_reader() -> Result {
        let (drops, reader) = (Drops::new()?, Reader::vanilla()?);
        retired(&drops, 8)?.call_rcu();
        kernel::time::delay::fsleep(WHILE);
        assert_eq!(drops.count(), 0);
        reader.leave();
        assert!(drops.wait_for(1));
        assert!(reader.has_left());
        Ok(())
    }

    #[test]
    fn a_box_without_a_head_is_freed() -> Result {
        let (reader, cell) = (Reader::vanilla()?, AtomicRcu::<KBox<u64>>::empty());
        for value in 0..100 {
            if let Some(old) = cell.swap(Some(KBox::new(value, GFP_KERNEL)?)) {
                old.kvfree_mightsleep();
            }
        }
        reader.leave();
        assert_eq!(cell.read(&rcu::read_lock()).copied(), Some(99));
        // A box of nothing has no memory to free.
        let nothing = AtomicRcu::new(KBox::new((), GFP_KERNEL)?);
        nothing.swap(None).ok_or(ENOENT)?.kvfree_mightsleep();
        Ok(())
    }

    #[test]
    fn dropping_a_polled_is_call_rcu() -> Result {
        let drops = Drops::new()?;
        drop(retired(&drops, 9)?.start_poll());
        assert!(drops.wait_for(1));
        Ok(())
    }

    #[test]
    fn barrier_leaves_nothing_outstanding() -> Result {
        let drops = Drops::new()?;
        for value in 0..1000 {
            retired(&drops, value)?.call_rcu();
        }
        rcu::barrier();
        assert!(wait_until(|| rcu::retirements().outstanding() == 0));
        assert_eq!(drops.count(), 1000);
        Ok(())
    }

    #[test]
    fn synchronize_waits_for_each_kind_of_reader() -> Result {
        // One after the other: each keeps its CPU.
        for softirqs in [true, false] {
            let reader = Reader::enter(move |wait| {
                if softirqs {
                    let _guard = rcu::read_lock_bh();
                    wait();
                } else {
                    let _guard = rcu::read_lock_sched();
                    wait();
                }
            })?;
            let drops = Drops::new()?;
            let old = retired(&drops, 1)?;
            let _timer = reader.leave_in(WHILE)?;
            drop(old.synchronize());
            assert!(reader.has_left());
        }
        Ok(())
    }

    #[test]
    fn grace_periods_can_be_waited_for_alone() -> Result {
        let reader = Reader::vanilla()?;
        let _timer = reader.leave_in(WHILE)?;
        rcu::synchronize();
        assert!(reader.has_left());
        rcu::synchronize_expedited();
        Ok(())
    }
}
