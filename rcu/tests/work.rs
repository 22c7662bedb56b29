// SPDX-License-Identifier: GPL-2.0

//! [`rcu::work`].

use super::support::{
    wait_until,
    Drops,
    Probe,
    Reader, //
};
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Release, //
        },
        Arc, //
    },
    time::{
        delay::fsleep,
        Delta, //
    },
};
use rcu::work::{
    RcuWork,
    RcuWorkItem,
    RcuWorkqueue, //
};

/// Counts its runs, and sleeps in each.
struct Item {
    runs: Arc<Atomic<u32>>,
    _probe: Probe,
}

impl RcuWorkItem for Item {
    fn run(this: Arc<RcuWork<Self>>) {
        fsleep(Delta::from_millis(1));
        this.runs.fetch_add(1, Release);
    }
}

/// An item, how often it ran, and what counts its drop.
type Watched = (Arc<RcuWork<Item>>, Arc<Atomic<u32>>, Drops);

fn item() -> Result<Watched> {
    let (runs, drops) = (Arc::new(Atomic::new(0), GFP_KERNEL)?, Drops::new()?);
    let item = Item {
        runs: runs.clone(),
        _probe: drops.probe(1),
    };
    Ok((RcuWork::new(item, GFP_KERNEL)?, runs, drops))
}

fn queue() -> Result<RcuWorkqueue> {
    RcuWorkqueue::new(c"rcu_tests")
}

#[kunit_tests(rcu_work)]
mod tests {
    use super::*;

    const WHILE: Delta = Delta::from_millis(20);

    #[cfg(not(CONFIG_TINY_RCU))]
    #[test]
    fn runs_after_the_reader_has_left() -> Result {
        let (queue, (item, runs, drops)) = (queue()?, item()?);
        let reader = Reader::vanilla()?;
        queue.queue(item)?;
        fsleep(WHILE);
        assert_eq!(runs.load(Acquire), 0);
        reader.leave();
        queue.flush();
        assert!(reader.has_left());
        // The queue had the only reference.
        assert_eq!((runs.load(Acquire), drops.count()), (1, 1));
        Ok(())
    }

    #[test]
    fn queued_twice_is_refused() -> Result {
        let (one, other, (item, runs, drops)) = (queue()?, queue()?, item()?);
        let reader = Reader::vanilla()?;
        one.queue(item.clone())?;
        // On whichever queue, it is the same item.
        for queue in [&one, &other] {
            let refused = queue.queue(item.clone());
            assert!(refused.is_err_and(|back| back.0.runs.load(Acquire) == 0));
        }
        assert!(Error::from(rcu::work::AlreadyQueued(())) == EBUSY);
        reader.leave();
        one.flush();
        assert_eq!((runs.load(Acquire), drops.count()), (1, 0));
        drop(item);
        assert_eq!(drops.count(), 1);
        Ok(())
    }

    #[test]
    fn runs_as_often_as_it_is_queued() -> Result {
        let (queue, (item, runs, drops)) = (queue()?, item()?);
        for run in 1..=10 {
            queue.queue(item.clone())?;
            queue.flush();
            assert_eq!(runs.load(Acquire), run);
        }
        drop(item);
        assert_eq!(drops.count(), 1);
        Ok(())
    }

    #[test]
    fn a_queue_waits_for_its_items() -> Result {
        let idle = || rcu::retirements().outstanding() == 0;
        // What earlier tests retired.
        assert!(wait_until(idle));
        let queue = queue()?;
        // Unloading waits for a queue, and so for what is on it.
        assert!(!idle());
        let reader = Reader::vanilla()?;
        let mut counts = KVec::new();
        for _ in 0..20 {
            let (item, runs, drops) = item()?;
            counts.push((runs, drops), GFP_KERNEL)?;
            queue.queue(item)?;
        }
        let _timer = reader.leave_in(WHILE)?;
        drop(queue);
        assert!(reader.has_left());
        for (runs, drops) in &counts {
            assert_eq!((runs.load(Acquire), drops.count()), (1, 1));
        }
        Ok(())
    }
}
