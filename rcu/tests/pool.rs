// SPDX-License-Identifier: GPL-2.0

//! [`rcu::Pool`]: objects whose place is used again under readers.

use super::support::{
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
        Delta,
        Instant,
        Monotonic, //
    },
};
use rcu::{
    pool::Pooled,
    Pool,
    PoolCell, //
};
use wrappers::kthread::KThread;

/// An object that says which cell it was made for, twice.
struct Entry {
    cell: usize,
    value: u32,
    check: u32,
}

impl Entry {
    fn new(cell: usize, value: u32) -> Self {
        Self {
            cell,
            value,
            check: !value,
        }
    }

    fn is_for(&self, cell: usize) -> bool {
        self.cell == cell && self.value == !self.check
    }
}

fn address<T: Send + Sync + 'static>(object: &Pooled<T>) -> usize {
    core::ptr::from_ref(&**object).addr()
}

#[kunit_tests(rcu_pool)]
mod tests {
    use super::*;

    #[test]
    fn place_is_used_again_under_a_reader() -> Result {
        let pool = Pool::new(c"rcu_test_place")?;
        let cell = PoolCell::new(pool.alloc(1u64, GFP_KERNEL)?);
        // A reader that entered before keeps the memory, but nobody waits for it.
        let guard = rcu::read_lock();
        let mut again = false;
        for value in 2..100 {
            // Each place that was given back may be the next, but for a move to another CPU.
            let last = address(&cell.get(&guard).ok_or(ENOENT)?);
            drop(cell.swap(None));
            let object = pool.alloc(value, GFP_ATOMIC)?;
            again |= address(&object) == last;
            drop(cell.swap(Some(object)));
            assert!(cell.get(&guard).is_some_and(|object| *object == value));
        }
        drop(guard);
        assert!(again);
        Ok(())
    }

    #[test]
    fn last_reference_drops() -> Result {
        let drops = Drops::new()?;
        let pool = Pool::<Probe>::new(c"rcu_test_last")?;
        let cell = PoolCell::new(pool.alloc(drops.probe(1), GFP_KERNEL)?);
        let kept = cell.get(&rcu::read_lock()).ok_or(ENOENT)?;
        drop(cell);
        assert_eq!((kept.value, drops.count()), (1, 0));
        let same = kept.clone();
        drop(kept);
        assert_eq!((same.value, drops.count()), (1, 0));
        drop(same);
        assert!(drops.wait_for(1));
        Ok(())
    }

    #[test]
    fn object_outlives_its_pool() -> Result {
        let idle = || rcu::retirements().outstanding() == 0;
        // What earlier tests retired.
        assert!(wait_until(idle));
        let pool = Pool::new(c"rcu_test_outlives")?;
        let one = pool.alloc(1u32, GFP_KERNEL)?;
        drop(pool);
        fsleep(Delta::from_millis(5));
        // Unloading would wait for the pool, which waits for its last object.
        assert_eq!((*one, idle()), (1, false));
        drop(one);
        assert!(wait_until(idle));
        Ok(())
    }

    #[test]
    fn lookups_race_with_recycling() -> Result {
        const CELLS: usize = 4;
        struct Shared {
            cells: [PoolCell<Entry>; CELLS],
            found: Atomic<u32>,
            wrong: Atomic<u32>,
        }
        let pool = Pool::new(c"rcu_test_recycle")?;
        let shared = Shared {
            cells: [const { PoolCell::empty() }; CELLS],
            found: Atomic::new(0),
            wrong: Atomic::new(0),
        };
        let shared = Arc::new(shared, GFP_KERNEL)?;
        let mut readers = KVec::new();
        // More than there are CPUs, and never asleep: they are preempted at any point of a lookup.
        for _ in 0..4 {
            let shared = shared.clone();
            let reader = KThread::spawn(c"rcu_test_finder", None, move |this| {
                while !this.should_stop() {
                    for (index, cell) in shared.cells.iter().enumerate() {
                        // What is found is what was meant for this cell, and whole.
                        if let Some(entry) = cell.get(&rcu::read_lock()) {
                            let counter = if entry.is_for(index) {
                                &shared.found
                            } else {
                                &shared.wrong
                            };
                            counter.fetch_add(1, Relaxed);
                        }
                    }
                }
            })?;
            readers.push(reader, GFP_KERNEL)?;
        }
        let start = Instant::<Monotonic>::now();
        let mut round = 0u32;
        while start.elapsed() < Delta::from_secs(2) {
            // One cell loses its object and another gets the place.
            let (from, to) = (round as usize % CELLS, (round as usize + 1) % CELLS);
            drop(shared.cells[from].swap(None));
            let new = pool.alloc(Entry::new(to, round), GFP_KERNEL)?;
            drop(shared.cells[to].swap(Some(new)));
            round += 1;
        }
        drop(readers);
        assert!(shared.found.load(Relaxed) > 0);
        assert_eq!(shared.wrong.load(Relaxed), 0);
        Ok(())
    }
}
