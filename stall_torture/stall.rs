// SPDX-License-Identifier: GPL-2.0

//! The stall of one run: when it began, when it has to end.

use crate::{
    place::Place,
    scenario::Expected,
    trigger::Request, //
};
use kernel::{
    new_mutex,
    prelude::*,
    processor::cpu_relax,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Mutex, //
    },
    time::Delta, //
};
use wrappers::{
    kthread::ThisThread,
    time::{
        mono_fast_ns,
        ns_since, //
    }, //
};

/// A number in the account that only some scenarios have.
pub(crate) type Fact = (&'static str, u64);

/// One of several stalls at once.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    /// Which one, from 1 on.
    pub(crate) number: usize,
    pub(crate) of: usize,
}

/// What a run adds to its account while it goes on.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) facts: KVec<Fact>,
    /// What was changed, and whether it was put back.
    pub(crate) changes: KVec<(&'static str, Result)>,
}

/// Shared by the stalling context, the conductor and the files.
///
/// Its times are nanoseconds of the monotonic clock; zero stands for "not yet".
#[pin_data]
pub(crate) struct Stall {
    request: Request,
    place: Place,
    part: Part,
    expected: Expected,
    length_ns: u64,
    /// How long the kernel waited, when this was about to begin, before it prints what is expected.
    timeout_ns: Atomic<u64>,
    /// When it was let begin, since all others were ready too.
    released: Atomic<u64>,
    began: Atomic<u64>,
    ended: Atomic<u64>,
    stop: Atomic<bool>,
    #[pin]
    notes: Mutex<Notes>,
}

impl Stall {
    pub(crate) fn new(
        request: Request,
        place: Place,
        part: Part,
        expected: Expected,
    ) -> impl PinInit<Self> {
        pin_init!(Self {
            request,
            place,
            part,
            expected,
            length_ns: request.secs.unwrap_or(0) * 1_000_000_000,
            timeout_ns: Atomic::new(0),
            released: Atomic::new(0),
            began: Atomic::new(0),
            ended: Atomic::new(0),
            stop: Atomic::new(false),
            notes <- new_mutex!(Notes::default(), "Stall::notes"),
        })
    }

    pub(crate) fn request(&self) -> &Request {
        &self.request
    }

    pub(crate) fn place(&self) -> Place {
        self.place
    }

    pub(crate) fn part(&self) -> Part {
        self.part
    }

    pub(crate) fn expected(&self) -> Expected {
        self.expected
    }

    /// How long it is to be.
    pub(crate) fn length(&self) -> Delta {
        Delta::from_nanos(self.length_ns as i64)
    }

    /// How long the kernel waits before it prints what is expected. Somebody may have set another
    /// timeout since: that is not for a grace period that goes on.
    pub(crate) fn timeout(&self) -> Delta {
        Delta::from_nanos(self.timeout_ns.load(Relaxed) as i64)
    }

    /// Forgets when it was, for another one after it. Nobody may be stalling.
    pub(crate) fn again(&self) {
        let timeout = (self.request.scenario.timeout)(&self.request);
        self.timeout_ns.store(timeout.as_nanos() as u64, Relaxed);
        self.began.store(0, Relaxed);
        self.ended.store(0, Relaxed);
        self.released.store(0, Relaxed);
    }

    /// Lets it begin.
    pub(crate) fn release(&self) {
        self.released.store(mono_fast_ns(), Relaxed);
    }

    pub(crate) fn is_released(&self) -> bool {
        self.released.load(Relaxed) != 0
    }

    /// Marks where the stall begins, the first time. Any context.
    pub(crate) fn begin(&self) {
        if !self.has_begun() {
            self.began.store(mono_fast_ns(), Relaxed);
        }
    }

    /// Whether the stall has to end: its time is up, or somebody aborted it. Any context.
    ///
    /// This is asked inside the stalling context, so that a stall ends even where nothing else
    /// runs. What has to be so for it to begin gets as much time.
    pub(crate) fn over(&self) -> bool {
        let from = match self.began_ns() {
            0 => self.released.load(Relaxed),
            began => began,
        };
        self.is_stopped() || (from != 0 && ns_since(from) >= self.length_ns)
    }

    /// Marks where the stall ended. Any context.
    pub(crate) fn end(&self) {
        self.ended.store(mono_fast_ns(), Relaxed);
    }

    /// Is the stall, from begin to end. Any context.
    pub(crate) fn spin(&self) {
        self.begin();
        while !self.over() {
            cpu_relax();
        }
        self.end();
    }

    /// Is the stall, asleep, unless the thread is to end. Process context.
    pub(crate) fn sleep(&self, this: &ThisThread) {
        self.begin();
        while !self.over() && !this.sleep(Delta::from_millis(20)) {}
        self.end();
    }

    /// Makes the stall end early. Any context.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Relaxed);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Relaxed)
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.began.load(Relaxed) != 0
    }

    /// When it began.
    pub(crate) fn began_ns(&self) -> u64 {
        self.began.load(Relaxed)
    }

    /// How long the stall lasted: nothing if it never began.
    pub(crate) fn lasted_ns(&self) -> u64 {
        self.since_begin(self.ended.load(Relaxed))
    }

    /// How long after the begin `at` was.
    pub(crate) fn since_begin(&self, at: u64) -> u64 {
        match self.began.load(Relaxed) {
            0 => 0,
            began => at.saturating_sub(began),
        }
    }

    /// Adds a number to the account of the run. Process context, may sleep.
    pub(crate) fn fact(&self, name: &'static str, value: u64) -> Result {
        Ok(self.notes.lock().facts.push((name, value), GFP_KERNEL)?)
    }

    /// Adds to the account of the run that `what` was changed, and whether it was put back.
    /// Process context, may sleep.
    pub(crate) fn put_back(&self, what: &'static str, result: Result) -> Result {
        let change = (what, result);
        Ok(self.notes.lock().changes.push(change, GFP_KERNEL)?)
    }

    /// Takes what was added to the account. Process context, may sleep.
    pub(crate) fn take_notes(&self) -> Notes {
        core::mem::take(&mut *self.notes.lock())
    }
}

#[kunit_tests(rculab_stall)]
mod tests {
    use super::*;
    use crate::scenarios;
    use kernel::cpu::CpuId;

    #[test]
    fn what_does_not_come_to_begin_is_over_too() -> Result {
        // It has no time at all.
        let request = Request::plain(scenarios::find("idle").ok_or(EINVAL)?);
        let place = Place {
            victim: CpuId::from_u32(0).ok_or(EINVAL)?,
            conductor: None,
        };
        let part = Part { number: 1, of: 1 };
        let stall = KBox::pin_init(Stall::new(request, place, part, &[]), GFP_KERNEL)?;
        assert!(!stall.over());
        stall.release();
        assert!(stall.over());
        Ok(())
    }

    #[test]
    fn a_clock_that_steps_back_is_none() {
        assert_eq!(ns_since(u64::MAX), 0);
    }
}
