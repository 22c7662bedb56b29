// SPDX-License-Identifier: GPL-2.0

//! [`rcu::Cookie`], and waiting for vanilla grace periods.

use super::support::{
    wait_until,
    Drops,
    Reader, //
};
use kernel::{
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    },
};
use rcu::{
    AtomicRcu,
    Cookie,
    RcuBox,
    Srcu,
    Vanilla, //
};

fn srcu() -> Result<Pin<KBox<Srcu>>> {
    KBox::pin_init(rcu::new_srcu!("rcu_tests"), GFP_KERNEL)
}

#[kunit_tests(rcu_grace_period)]
mod tests {
    use super::*;

    const WHILE: Delta = Delta::from_millis(20);

    #[test]
    fn completed() -> Result {
        let domain = srcu()?;
        assert!(Cookie::completed(Vanilla).poll());
        assert!(Cookie::completed(&*domain).poll());
        Ok(())
    }

    #[test]
    fn snapshot_starts_nothing() -> Result {
        let domain = srcu()?;
        let cookie = Cookie::snapshot(&*domain);
        fsleep(WHILE);
        // The domain is this test's own: nobody else asks for a grace period.
        assert!(!cookie.poll());
        domain.synchronize();
        assert!(cookie.poll());
        Ok(())
    }

    #[test]
    fn start_is_enough() -> Result {
        let domain = srcu()?;
        let (one, other) = (Cookie::start(Vanilla), Cookie::start(&*domain));
        assert!(wait_until(|| one.poll() && other.poll()));
        let (one, other) = (
            Cookie::start_expedited(Vanilla),
            Cookie::start_expedited(&*domain),
        );
        assert!(wait_until(|| one.poll() && other.poll()));
        Ok(())
    }

    #[cfg(not(CONFIG_TINY_RCU))]
    #[test]
    fn a_cookie_waits_for_earlier_readers() -> Result {
        for make in [Cookie::snapshot, Cookie::start, Cookie::start_expedited] {
            let reader = Reader::vanilla()?;
            let cookie: Cookie<Vanilla> = make(Vanilla);
            fsleep(WHILE);
            assert!(!cookie.poll());
            reader.leave();
            cookie.cond_synchronize();
            assert!(reader.has_left());
            assert!(cookie.poll());
        }
        Ok(())
    }

    #[cfg(not(CONFIG_TINY_RCU))]
    #[test]
    fn cond_synchronize_waits() -> Result {
        for wait in [Cookie::cond_synchronize, Cookie::cond_synchronize_expedited] {
            let reader = Reader::vanilla()?;
            let _timer = reader.leave_in(WHILE)?;
            let cookie = Cookie::<Vanilla>::snapshot(Vanilla);
            wait(&cookie);
            assert!(reader.has_left());
            // There is nothing to wait for any more, even while another reader is there.
            let another = Reader::vanilla()?;
            wait(&cookie);
            assert!(!another.has_left());
            another.leave();
        }
        Ok(())
    }

    #[test]
    fn equal_cookies_remember_one_grace_period() -> Result {
        let (domain, other) = (srcu()?, srcu()?);
        let first = Cookie::snapshot(&*domain);
        assert!(first == Cookie::snapshot(&*domain));
        assert!(first != Cookie::snapshot(&*other));
        domain.synchronize();
        assert!(first != Cookie::snapshot(&*domain));
        Ok(())
    }

    /// Vanilla RCU counts its grace periods of both sorts, and a cookie remembers both numbers.
    #[test]
    fn a_grace_period_of_either_sort_makes_another_cookie() {
        for wait in [rcu::synchronize, rcu::synchronize_expedited] {
            // Now and then the other sort passes as well, but not each time.
            for _ in 0..20 {
                let before = Cookie::snapshot(Vanilla);
                wait();
                assert!(before != Cookie::snapshot(Vanilla));
            }
        }
    }

    #[test]
    fn a_cookie_stays_passed() {
        let cookie = Cookie::start(Vanilla);
        for _ in 0..10 {
            rcu::synchronize_expedited();
            assert!(cookie.poll());
        }
    }

    #[test]
    fn synchronize_waits_for_the_reader() -> Result {
        for wait in [rcu::synchronize, rcu::synchronize_expedited] {
            let reader = Reader::vanilla()?;
            let _timer = reader.leave_in(WHILE)?;
            wait();
            assert!(reader.has_left());
        }
        Ok(())
    }

    #[test]
    fn barriers_return() -> Result {
        let drops = Drops::new()?;
        let cell = AtomicRcu::<RcuBox<_>>::new(RcuBox::new(drops.probe(1), GFP_KERNEL)?);
        cell.swap(None).ok_or(ENOENT)?.call_rcu();
        rcu::barrier();
        // The callback has run, and left the drop to the worker.
        assert!(drops.wait_for(1));
        Ok(())
    }

    #[cfg(not(CONFIG_TINY_RCU))]
    #[test]
    fn call_rcu_hurry() -> Result {
        let drops = Drops::new()?;
        let cell = AtomicRcu::<RcuBox<_>>::new(RcuBox::new(drops.probe(1), GFP_KERNEL)?);
        let reader = Reader::vanilla()?;
        cell.swap(None).ok_or(ENOENT)?.call_rcu_hurry();
        fsleep(WHILE);
        assert_eq!(drops.count(), 0);
        reader.leave();
        assert!(drops.wait_for(1));
        // What needs no drop is freed by a callback too, which is counted.
        let before = rcu::retirements().total();
        let plain = AtomicRcu::<RcuBox<u64>>::new(RcuBox::new(1, GFP_KERNEL)?);
        plain.swap(None).ok_or(ENOENT)?.call_rcu_hurry();
        assert_eq!(rcu::retirements().total(), before + 1);
        assert!(wait_until(|| rcu::retirements().outstanding() == 0));
        Ok(())
    }
}
