// SPDX-License-Identifier: GPL-2.0

//! [`rcu::RcuBox`]: where and how what is inside is dropped.

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
    DropInSoftirq,
    Rcu,
    RcuBox,
    Retired,
    Vanilla, //
};

/// Publishes and retires a value.
fn retired<T: Send + Sync + 'static>(value: T) -> Result<Retired<RcuBox<T>, Vanilla>> {
    let lock = lock()?;
    let cell = Rcu::new(Some(RcuBox::new(value, GFP_KERNEL)?), &*lock);
    let old = cell.updater(&mut lock.lock())?.take();
    old.ok_or(EINVAL)
}

/// Sleeps when dropped.
struct Sleepy(#[expect(dead_code, reason = "kept for its drop")] Probe);

impl Drop for Sleepy {
    fn drop(&mut self) {
        fsleep(Delta::from_millis(1));
    }
}

/// Retires another of its kind when dropped, until none is left.
struct Chain {
    left: u32,
    drops: Arc<Atomic<u32>>,
}

impl Drop for Chain {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Relaxed);
        if self.left > 0 {
            let next = Chain {
                left: self.left - 1,
                drops: self.drops.clone(),
            };
            if let Ok(next) = retired(next) {
                next.call_rcu();
            }
        }
    }
}

/// A payload that wants more alignment than the head beside it.
#[repr(align(256))]
struct Aligned(Probe);

/// The suite's payload for drops in softirq context: it only counts.
struct Counted(Probe);

impl Counted {
    fn value(&self) -> u32 {
        self.0.value
    }
}

mod softirq {
    use super::*;

    // The one promise a module makes by itself: it says something about a drop that no type can
    // check.
    //
    // SAFETY: The drop adds to an atomic and drops an `Arc` of another, which neither sleeps nor
    // takes a lock.
    unsafe impl DropInSoftirq for Counted {}
}

#[kunit_tests(rcu_box)]
mod tests {
    use super::*;

    #[test]
    fn owns_its_value() -> Result {
        let drops = Drops::new()?;
        let mut owned = RcuBox::new(drops.probe(1), GFP_KERNEL)?;
        owned.value = 2;
        assert_eq!(owned.value, 2);
        let inner = owned.into_inner();
        assert_eq!((inner.value, drops.count()), (2, 0));
        drop(inner);
        drop(RcuBox::new(drops.probe(1), GFP_KERNEL)?);
        assert_eq!(drops.count(), 2);
        Ok(())
    }

    #[test]
    fn no_drop_no_callback() -> Result {
        let before = rcu::retirements().total();
        retired([7u64; 8])?.call_rcu();
        // `kvfree_rcu()` frees it: none of this module's code runs, so there is nothing to count.
        assert_eq!(rcu::retirements().total(), before);
        Ok(())
    }

    #[test]
    fn drop_may_sleep() -> Result {
        let drops = Drops::new()?;
        retired(Sleepy(drops.probe(0)))?.call_rcu();
        assert!(drops.wait_for(1));
        Ok(())
    }

    #[test]
    fn drop_in_softirq() -> Result {
        let drops = Drops::new()?;
        let old = retired(Counted(drops.probe(3)))?;
        assert_eq!(old.value(), 3);
        old.call_rcu_softirq();
        assert!(drops.wait_for(1));
        Ok(())
    }

    #[test]
    fn drop_may_retire_again() -> Result {
        let drops = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let chain = Chain {
            left: 3,
            drops: drops.clone(),
        };
        retired(chain)?.call_rcu();
        assert!(wait_until(|| drops.load(Relaxed) == 4));
        Ok(())
    }

    #[test]
    fn alignment() -> Result {
        let drops = Drops::new()?;
        let aligned = RcuBox::new(Aligned(drops.probe(4)), GFP_KERNEL)?;
        assert_eq!(core::ptr::from_ref(&*aligned).addr() % 256, 0);
        assert_eq!(aligned.0.value, 4);
        drop(aligned);
        retired(Aligned(drops.probe(4)))?.call_rcu();
        assert!(drops.wait_for(2));
        Ok(())
    }
}
