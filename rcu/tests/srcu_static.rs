// SPDX-License-Identifier: GPL-2.0

//! Static SRCU domains, which `rcu_module!` declares, and sections that go to another task.

use super::support::{
    lock,
    wait_until,
    Drops,
    Probe,
    Reader, //
};
use crate::{
    TestFast,
    TestNormal, //
};
use kernel::{
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    },
};
use rcu::{
    srcu::Handle,
    AtomicRcu,
    Cookie,
    Domain,
    Expedited,
    Rcu,
    RcuBox, //
};
use wrappers::kthread::KThread;

static CELL: AtomicRcu<RcuBox<Probe>, TestFast> = AtomicRcu::empty();

fn probe(drops: &Drops, value: u32) -> Result<RcuBox<Probe>> {
    Ok(RcuBox::new(drops.probe(value), GFP_KERNEL)?)
}

/// A thread that is in a section of a static domain.
fn reader<D: Handle + Send + 'static>(domain: D) -> Result<Reader> {
    Reader::enter(move |wait| {
        let _guard = domain.read_lock();
        wait();
    })
}

#[kunit_tests(rcu_srcu_static)]
mod tests {
    use super::*;

    const WHILE: Delta = Delta::from_millis(20);

    #[test]
    fn every_wait_is_for_the_readers() -> Result {
        for wait in [Domain::synchronize, Expedited::synchronize_expedited] {
            let reader = reader(TestFast)?;
            let _timer = reader.leave_in(WHILE)?;
            wait(TestFast);
            assert!(reader.has_left());
        }
        let reader = reader(TestNormal)?;
        let cookie = Cookie::start(TestNormal);
        fsleep(WHILE);
        assert!(!cookie.poll());
        reader.leave();
        assert!(wait_until(|| cookie.poll()));
        Ok(())
    }

    #[test]
    fn domains_do_not_wait_for_each_other() -> Result {
        let reader = reader(TestNormal)?;
        TestFast.synchronize();
        rcu::synchronize();
        assert!(!reader.has_left());
        reader.leave();
        Ok(())
    }

    #[test]
    fn a_static_cell_is_bound_by_type() -> Result {
        let drops = Drops::new()?;
        let owner = CELL.claim().ok_or(EBUSY)?;
        drop(CELL.swap(Some(probe(&drops, 1)?)));
        let guard = TestFast.read_lock();
        let before = CELL.read(&guard).ok_or(ENOENT)?;
        drop(CELL.swap(Some(probe(&drops, 2)?)));
        fsleep(WHILE);
        assert_eq!((before.value, drops.count()), (1, 0));
        drop(guard);
        drop(owner);
        TestFast.barrier();
        assert!(drops.wait_for(2));
        Ok(())
    }

    #[test]
    fn a_locked_cell_is_bound_by_type() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let cell = Rcu::<_, TestNormal>::new(Some(probe(&drops, 1)?), &*lock);
        assert!(cell
            .read(&TestNormal.read_lock())
            .is_some_and(|probe| probe.value == 1));
        let old = cell.updater(&mut lock.lock())?.take().ok_or(ENOENT)?;
        let reader = reader(TestNormal)?;
        let _timer = reader.leave_in(WHILE)?;
        assert_eq!(old.synchronize().value, 1);
        assert!(reader.has_left());
        Ok(())
    }

    #[test]
    fn another_task_ends_the_section() -> Result {
        let drops = Drops::new()?;
        let (lock, section) = (lock()?, TestNormal.down_read());
        let cell = Rcu::<_, TestNormal>::new(Some(probe(&drops, 1)?), &*lock);
        assert!(cell.read(&section).is_some());
        let old = cell.updater(&mut lock.lock())?.take().ok_or(ENOENT)?;
        let polled = old.start_poll();
        let cookie = Cookie::start(TestNormal);
        assert!(!cookie.poll());
        let thread = KThread::spawn(c"rcu_test_up", None, move |_| {
            fsleep(WHILE);
            section.up();
        })?;
        drop(polled.synchronize());
        drop(thread);
        assert_eq!(drops.count(), 1);
        Ok(())
    }

    #[test]
    fn lockdep_knows_the_sections() {
        let _guard = TestFast.read_lock();
        TestFast.assert_in_read_lock();
        let known = |answer| cfg!(CONFIG_DEBUG_LOCK_ALLOC).then_some(answer);
        assert_eq!(TestFast.read_lock_held(), known(true));
        assert_eq!(TestNormal.read_lock_held(), known(false));
    }
}
