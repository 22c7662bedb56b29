// SPDX-License-Identifier: GPL-2.0

//! The readers of vanilla RCU, and [`rcu::lockdep`].

use super::support::{
    wait_until,
    Reader, //
};
use kernel::{
    prelude::*,
    revocable::Revocable,
    time::{
        delay::fsleep,
        Delta, //
    },
};
use rcu::{
    lockdep,
    Cookie,
    Vanilla, //
};

/// Whether a grace period waits for a thread that is in `section`.
#[cfg_attr(CONFIG_TINY_RCU, expect(dead_code, reason = "nobody looks on there"))]
fn is_waited_for(section: impl FnOnce(&dyn Fn()) + Send + 'static) -> Result<bool> {
    let reader = Reader::enter(section)?;
    let cookie = Cookie::start_expedited(Vanilla);
    fsleep(Delta::from_millis(20));
    let passed_early = cookie.poll();
    reader.leave();
    Ok(wait_until(|| cookie.poll()) && !passed_early)
}

#[kunit_tests(rcu_guard)]
mod tests {
    use super::*;

    /// What lockdep answers if `answer` is true.
    fn known(answer: bool) -> Option<bool> {
        cfg!(CONFIG_DEBUG_LOCK_ALLOC).then_some(answer)
    }

    #[cfg(not(CONFIG_TINY_RCU))]
    #[test]
    fn sections_nest() -> Result {
        assert!(is_waited_for(|wait| {
            let outer = rcu::read_lock();
            let inner = rcu::read_lock();
            // Whichever goes first, the section ends with the last.
            drop(outer);
            wait();
            drop(inner);
        })?);
        Ok(())
    }

    #[cfg(not(CONFIG_TINY_RCU))]
    #[test]
    fn bh_and_sched_are_readers() -> Result {
        assert!(is_waited_for(|wait| {
            let _guard = rcu::read_lock_bh();
            wait();
        })?);
        assert!(is_waited_for(|wait| {
            let _guard = rcu::read_lock_sched();
            wait();
        })?);
        Ok(())
    }

    #[cfg(not(CONFIG_TINY_RCU))]
    #[test]
    fn flavours_overlap() -> Result {
        assert!(is_waited_for(|wait| {
            let sched = rcu::read_lock_sched();
            let bh = rcu::read_lock_bh();
            let plain = rcu::read_lock();
            drop(sched);
            drop(bh);
            wait();
            drop(plain);
        })?);
        Ok(())
    }

    #[test]
    fn stands_for_the_kernel_crates_guard() -> Result {
        let data = KBox::pin_init(Revocable::new(7), GFP_KERNEL)?;
        let guard = rcu::read_lock();
        assert_eq!(data.try_access_with_guard(&guard).copied(), Some(7));
        drop(guard);
        data.revoke();
        assert!(data.try_access_with_guard(&rcu::read_lock()).is_none());
        Ok(())
    }

    #[test]
    fn lockdep_knows_the_sections() {
        assert_eq!(lockdep::read_lock_held(), known(false));
        assert_eq!(lockdep::read_lock_any_held(), known(false));
        {
            let _guard = rcu::read_lock();
            assert_eq!(lockdep::read_lock_held(), known(true));
            assert_eq!(lockdep::read_lock_any_held(), known(true));
            assert_eq!(lockdep::read_lock_bh_held(), known(false));
            lockdep::assert_in_read_lock();
            lockdep::assert_in_reader();
        }
        {
            let _guard = rcu::read_lock_bh();
            assert_eq!(lockdep::read_lock_held(), known(false));
            assert_eq!(lockdep::read_lock_bh_held(), known(true));
            lockdep::assert_in_read_lock_bh();
            lockdep::assert_in_reader();
        }
        {
            let _guard = rcu::read_lock_sched();
            assert_eq!(lockdep::read_lock_held(), known(false));
            assert_eq!(lockdep::read_lock_sched_held(), known(true));
            lockdep::assert_in_read_lock_sched();
            lockdep::assert_in_reader();
        }
        assert_eq!(lockdep::read_lock_sched_held(), known(false));
    }
}
