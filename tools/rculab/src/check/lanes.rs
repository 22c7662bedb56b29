// SPDX-License-Identifier: GPL-2.0

//! Work side by side.

use std::{
    num::NonZero,
    sync::{Mutex, PoisonError},
    thread,
};

use anyhow::anyhow;

/// Does the work for each, in as many threads as the machine has CPUs: most guests sleep half of
/// their time.
pub fn in_lanes<T: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<()> {
    let queue = Mutex::new(items.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let lane = || {
        while let Some(item) = next() {
            if let Err(error) = work(item) {
                // It is the end for the others as well, after what they are at.
                while next().is_some() {}
                return Err(error);
            }
        }
        Ok(())
    };
    let count = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..count).map(|_| scope.spawn(lane)).collect();
        lanes.into_iter().try_for_each(|lane| {
            lane.join()
                .unwrap_or_else(|_| Err(anyhow!("a lane panicked")))
        })
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_is_done_once() {
        let done = Mutex::new(Vec::new());
        let all: Vec<u32> = (0..100).collect();
        in_lanes(all.clone(), |n| {
            done.lock().expect("whole").push(n);
            Ok(())
        })
        .expect("nothing fails");
        let mut done = done.into_inner().expect("whole");
        done.sort_unstable();
        assert_eq!(done, all);
    }

    #[test]
    fn a_failure_ends_it() {
        let done = Mutex::new(0);
        let result = in_lanes((0..1000).collect(), |n| {
            if n == 0 {
                return Err(anyhow!("the first"));
            }
            thread::sleep(Duration::from_millis(1));
            *done.lock().expect("whole") += 1;
            Ok(())
        });
        assert!(result.is_err());
        assert!(*done.lock().expect("whole") < 999);
    }
}
