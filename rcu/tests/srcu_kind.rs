// SPDX-License-Identifier: GPL-2.0

//! [`rcu::srcu::Kind`]: each kind of reader, and what the kernel's function for it does.

use super::support::{
    ensure,
    lock,
    wait_until,
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
    srcu::{
        Fast,
        FastUpDown,
        Handle,
        Kind,
        NmiSafe,
        Normal,
        UpDown, //
    },
    Cookie,
    RcuBox,
    Srcu,
    SrcuCell, //
};

const WHILE: Delta = Delta::from_millis(20);

fn domain<K: Kind>() -> Result<Arc<Srcu<K>>> {
    Arc::pin_init(rcu::new_srcu!(K, "rcu_tests"), GFP_KERNEL)
}

/// A thread that is in a section of `domain`.
fn reader<K: Kind>(domain: &Arc<Srcu<K>>) -> Result<Reader> {
    let domain = domain.clone();
    Reader::enter(move |wait| {
        let _guard = domain.read_lock();
        wait();
    })
}

fn cell<K: Kind>(domain: &Srcu<K>, drops: &Drops) -> Result<SrcuCell<RcuBox<Probe>, K>> {
    let probe = RcuBox::new(drops.probe(1), GFP_KERNEL)?;
    Ok(SrcuCell::new(Some(probe), &*lock()?, domain))
}

/// Every way to wait waits for a reader of this kind.
fn readers_are_waited_for<K: Kind>() -> Result {
    let domain = domain::<K>()?;
    for wait in [Srcu::synchronize, Srcu::synchronize_expedited] {
        let reader = reader(&domain)?;
        let _timer = reader.leave_in(WHILE)?;
        wait(&domain);
        ensure(reader.has_left())?;
    }
    for make in [Cookie::snapshot, Cookie::start, Cookie::start_expedited] {
        let reader = reader(&domain)?;
        let cookie = make(&*domain);
        fsleep(WHILE);
        ensure(!cookie.poll())?;
        reader.leave();
        cookie.cond_synchronize();
        ensure(reader.has_left())?;
    }
    Ok(())
}

/// A reader sleeps, nests, and sees one version from beginning to end.
fn a_reader_sees_one_version<K: Kind>() -> Result {
    let (domain, lock, drops) = (domain::<K>()?, lock()?, Drops::new()?);
    let probe = |value| RcuBox::new(drops.probe(value), GFP_KERNEL);
    let cell = SrcuCell::new(Some(probe(1)?), &*lock, &domain);
    let guard = domain.read_lock();
    drop(domain.read_lock());
    let before = cell.read(&guard)?.ok_or(ENOENT)?;
    let old = cell.updater(&mut lock.lock(), &domain)?.publish(probe(2)?);
    old.ok_or(ENOENT)?.call_rcu();
    fsleep(WHILE);
    ensure((before.value, drops.count()) == (1, 0))?;
    drop(guard);
    ensure(drops.wait_for(1))?;
    Ok(())
}

/// A domain may go at once after anything was asked of it.
fn goes_with_all_in_flight<K: Kind>() -> Result {
    for _ in 0..10 {
        let domain = domain::<K>()?;
        drop(domain.read_lock());
        let _ = Cookie::start(&*domain);
        let _ = Cookie::start_expedited(&*domain);
        // The second of these makes the callback of the first queue itself again.
        (&*domain).expedite_current();
        (&*domain).expedite_current();
    }
    Ok(())
}

/// A section that no task owns is waited for like any other.
fn goes_down_and_up<K: UpDown>() -> Result {
    let domain = domain::<K>()?;
    let drops = Drops::new()?;
    let cell = cell(&domain, &drops)?;
    let section = domain.down_read();
    ensure(cell.read(&section)?.is_some_and(|probe| probe.value == 1))?;
    let cookie = Cookie::start(&*domain);
    fsleep(WHILE);
    ensure(!cookie.poll())?;
    section.up();
    ensure(wait_until(|| cookie.poll()))?;
    // Of one kind, so that both may be used in one domain.
    drop((domain.read_lock(), domain.down_read()));
    Ok(())
}

/// What lockdep answers if `answer` is true.
fn known(answer: bool) -> Option<bool> {
    cfg!(CONFIG_DEBUG_LOCK_ALLOC).then_some(answer)
}

fn lockdep_knows<K: Kind>() -> Result {
    let (domain, other) = (domain::<K>()?, domain::<K>()?);
    ensure((&*domain).read_lock_held() == known(false))?;
    let _guard = domain.read_lock();
    (&*domain).assert_in_read_lock();
    ensure((&*domain).read_lock_held() == known(true))?;
    ensure((&*other).read_lock_held() == known(false))?;
    Ok(())
}

/// Calls a test for each kind.
macro_rules! each_kind {
    ($test:ident) => {
        $test::<Normal>()
            .and_then(|()| $test::<NmiSafe>())
            .and_then(|()| $test::<Fast>())
            .and_then(|()| $test::<FastUpDown>())
    };
}

#[kunit_tests(rcu_srcu_kind)]
mod tests {
    use super::*;

    #[test]
    fn every_wait_is_for_the_readers() -> Result {
        each_kind!(readers_are_waited_for)
    }

    #[test]
    fn a_section_sees_one_version() -> Result {
        each_kind!(a_reader_sees_one_version)
    }

    #[test]
    fn dropped_with_all_in_flight() -> Result {
        each_kind!(goes_with_all_in_flight)
    }

    #[test]
    fn lockdep_knows_the_sections() -> Result {
        each_kind!(lockdep_knows)
    }

    #[test]
    fn down_and_up() -> Result {
        goes_down_and_up::<Normal>()?;
        goes_down_and_up::<FastUpDown>()
    }
}
