// SPDX-License-Identifier: GPL-2.0

//! [`rcu::tasks`].

use super::support::{
    barrier_waits,
    Drops,
    Probe,
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
    tasks::{
        self,
        Tasks,
        Trace, //
    },
    AtomicRcu,
    Domain,
    RcuBox, //
};

fn probe(drops: &Drops, value: u32) -> Result<RcuBox<Probe>> {
    Ok(RcuBox::new(drops.probe(value), GFP_KERNEL)?)
}

/// A thread that is in a Tasks Trace section.
fn trace_reader() -> Result<Reader> {
    Reader::enter(|wait| {
        let outer = tasks::read_lock_trace();
        let inner = tasks::read_lock_trace();
        drop(outer);
        wait();
        drop(inner);
    })
}

#[kunit_tests(rcu_tasks)]
mod tests {
    use super::*;

    const WHILE: Delta = Delta::from_millis(20);

    #[test]
    fn trace_waits_for_the_reader() -> Result {
        let drops = Drops::new()?;
        let cell = AtomicRcu::<_, Trace>::new(probe(&drops, 1)?);
        let reader = trace_reader()?;
        let _timer = reader.leave_in(WHILE)?;
        let old = cell.swap(None).ok_or(ENOENT)?;
        Trace.expedite_current();
        assert_eq!(old.synchronize().value, 1);
        assert!(reader.has_left());
        Ok(())
    }

    #[test]
    fn trace_calls_back_after_the_reader() -> Result {
        let drops = Drops::new()?;
        let cell = AtomicRcu::<_, Trace>::new(probe(&drops, 1)?);
        let reader = trace_reader()?;
        cell.swap(None).ok_or(ENOENT)?.call_rcu();
        fsleep(WHILE);
        assert_eq!(drops.count(), 0);
        reader.leave();
        Trace.barrier();
        assert!(drops.wait_for(1));
        Ok(())
    }

    #[test]
    fn a_trace_reader_may_sleep() -> Result {
        let drops = Drops::new()?;
        let cell = AtomicRcu::<_, Trace>::new(probe(&drops, 1)?);
        let guard = tasks::read_lock_trace();
        let before = cell.read(&guard).ok_or(ENOENT)?;
        drop(cell.swap(Some(probe(&drops, 2)?)));
        // Vanilla grace periods go on meanwhile.
        rcu::synchronize();
        fsleep(WHILE);
        assert_eq!((before.value, drops.count()), (1, 0));
        drop(guard);
        assert!(drops.wait_for(1));
        Ok(())
    }

    #[test]
    fn lockdep_knows_trace_sections() {
        let known = |answer| cfg!(CONFIG_DEBUG_LOCK_ALLOC).then_some(answer);
        assert_eq!(Trace.read_lock_held(), known(false));
        let _guard = tasks::read_lock_trace();
        assert_eq!(Trace.read_lock_held(), known(true));
    }

    #[test]
    fn tasks_waits_for_a_task_that_does_not_switch() -> Result {
        // It is preempted at times, which does not count.
        let task = Reader::enter(|wait| wait())?;
        let _timer = task.leave_in(WHILE)?;
        let drops = Drops::new()?;
        assert_eq!(Tasks.retire(probe(&drops, 1)?).synchronize().value, 1);
        assert!(task.has_left());
        Ok(())
    }

    #[test]
    fn tasks_calls_back() -> Result {
        let drops = Drops::new()?;
        Tasks.retire(probe(&drops, 1)?).call_rcu();
        assert!(drops.wait_for(1));
        Ok(())
    }

    #[test]
    fn barriers_wait_for_callbacks() -> Result {
        assert!(barrier_waits(Tasks)?);
        assert!(barrier_waits(Trace)?);
        Ok(())
    }

    // As built, lab and debug have it: it is forced there.
    #[cfg(CONFIG_FORCE_TASKS_RUDE_RCU)]
    #[test]
    fn rude_returns() {
        tasks::synchronize_rude();
    }
}
