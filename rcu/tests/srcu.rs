// SPDX-License-Identifier: GPL-2.0

//! [`rcu::Srcu`], [`rcu::SrcuCell`].

use super::support::{
    barrier_waits,
    lock,
    Drops,
    Probe,
    Reader, //
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
    list::Refusal,
    Cookie,
    RcuBox,
    Srcu,
    SrcuCell, //
};

type Cell = SrcuCell<RcuBox<Probe>>;

fn domain() -> Result<Arc<Srcu>> {
    Arc::pin_init(rcu::new_srcu!("rcu_tests"), GFP_KERNEL)
}

/// A thread that is in a section of `domain`.
fn reader(domain: &Arc<Srcu>) -> Result<Reader> {
    let domain = domain.clone();
    Reader::enter(move |wait| {
        let _guard = domain.read_lock();
        wait();
    })
}

fn probe(drops: &Drops, value: u32) -> Result<RcuBox<Probe>> {
    Ok(RcuBox::new(drops.probe(value), GFP_KERNEL)?)
}

#[kunit_tests(rcu_srcu)]
mod tests {
    use super::*;

    const WHILE: Delta = Delta::from_millis(20);

    #[test]
    fn reader_may_sleep() -> Result {
        let domain = domain()?;
        let guard = domain.read_lock();
        fsleep(Delta::from_millis(1));
        // Sections nest.
        drop(domain.read_lock());
        drop(guard);
        Ok(())
    }

    #[test]
    fn synchronize_waits_for_the_reader() -> Result {
        let domain = domain()?;
        for expedited in [false, true] {
            let reader = reader(&domain)?;
            let _timer = reader.leave_in(WHILE)?;
            if expedited {
                domain.synchronize_expedited();
            } else {
                domain.synchronize();
            }
            assert!(reader.has_left());
        }
        Ok(())
    }

    #[test]
    fn domains_do_not_wait_for_each_other() -> Result {
        let (one, other) = (domain()?, domain()?);
        let reader = reader(&one)?;
        other.synchronize();
        rcu::synchronize();
        assert!(!reader.has_left());
        reader.leave();
        Ok(())
    }

    #[test]
    fn cell_replace() -> Result {
        let (lock, domain, drops) = (lock()?, domain()?, Drops::new()?);
        let cell = Cell::new(Some(probe(&drops, 1)?), &*lock, &domain);
        let guard = domain.read_lock();
        let before = cell.read(&guard)?.ok_or(EINVAL)?;
        let old = cell
            .updater(&mut lock.lock(), &domain)?
            .publish(probe(&drops, 2)?)
            .ok_or(EINVAL)?;
        assert_eq!((before.value, old.value), (1, 1));
        drop(guard);
        assert_eq!(old.synchronize().value, 1);
        assert!(cell.get(&lock.lock())?.is_some_and(|new| new.value == 2));
        Ok(())
    }

    #[test]
    fn call_srcu_waits_for_the_reader() -> Result {
        let (lock, domain, drops) = (lock()?, domain()?, Drops::new()?);
        let reader = reader(&domain)?;
        let cell = Cell::new(Some(probe(&drops, 1)?), &*lock, &domain);
        if let Some(old) = cell.updater(&mut lock.lock(), &domain)?.take() {
            old.call_rcu();
        }
        fsleep(WHILE);
        assert_eq!(drops.count(), 0);
        reader.leave();
        domain.barrier();
        assert!(drops.wait_for(1));
        assert!(reader.has_left());
        Ok(())
    }

    #[test]
    fn free_without_drop() -> Result {
        let (lock, domain) = (lock()?, domain()?);
        let cell = SrcuCell::new(Some(RcuBox::new(1u64, GFP_KERNEL)?), &*lock, &domain);
        let before = rcu::retirements().total();
        if let Some(old) = cell.updater(&mut lock.lock(), &domain)?.take() {
            old.call_rcu();
        }
        // SRCU has no `kfree_rcu()`: a callback of this module frees it, and is counted.
        assert_eq!(rcu::retirements().total(), before + 1);
        Ok(())
    }

    #[test]
    fn barrier_waits_for_callbacks() -> Result {
        assert!(barrier_waits(&*domain()?)?);
        Ok(())
    }

    #[test]
    fn wrong_domain_is_refused() -> Result {
        let (lock, own, other, drops) = (lock()?, domain()?, domain()?, Drops::new()?);
        let cell = Cell::new(Some(probe(&drops, 1)?), &*lock, &own);
        assert!(cell.read(&other.read_lock()).is_err());
        let refused = cell.updater(&mut lock.lock(), &other).map(|_| ());
        assert_eq!(refused, Err(Refusal::WrongDomain));
        assert!(cell.read(&own.read_lock())?.is_some());
        Ok(())
    }

    #[test]
    fn wrong_lock_is_refused() -> Result {
        let (own, other, domain, drops) = (lock()?, lock()?, domain()?, Drops::new()?);
        let cell = Cell::new(Some(probe(&drops, 1)?), &*own, &domain);
        let refused = cell.updater(&mut other.lock(), &domain).map(|_| ());
        assert_eq!(refused, Err(Refusal::WrongLock));
        assert!(cell.get(&other.lock()).is_err());
        assert!(cell.read(&domain.read_lock())?.is_some());
        Ok(())
    }

    #[test]
    fn dropped_while_it_is_polled() -> Result {
        for _ in 0..20 {
            let domain = domain()?;
            // No callback is queued, for which a barrier would wait.
            let _ = Cookie::start(&*domain);
            drop(domain);
        }
        Ok(())
    }

    #[test]
    fn dropped_with_a_grace_period_in_flight() -> Result {
        for value in 0..20 {
            let (lock, domain, drops) = (lock()?, domain()?, Drops::new()?);
            let cell = Cell::new(Some(probe(&drops, value)?), &*lock, &domain);
            if let Some(old) = cell.updater(&mut lock.lock(), &domain)?.take() {
                // The domain goes right after: its drop has to wait for what was started, and
                // for the callback that dropping the `Polled` queues.
                drop(old.start_poll());
            }
            drop(domain);
            assert!(drops.wait_for(1));
        }
        Ok(())
    }
}
