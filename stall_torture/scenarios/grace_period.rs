// SPDX-License-Identifier: GPL-2.0

//! What scenarios have in common about grace periods: what keeps one waiting, having one in flight for
//! sure, counting them.

use crate::{
    observer::Class,
    place::victim_of,
    scenario::{
        Expected,
        Need, //
    },
    stall::Stall,
    trigger::Request, //
};
use kernel::{
    prelude::*,
    processor::cpu_relax,
    time::Delta, //
};
use rcu::{
    Cookie,
    Vanilla, //
};
use wrappers::{
    cpu::is_nohz_full,
    rcu_state::{
        GpSeq,
        IS_TINY, //
    },
    time::{
        mono_fast_ns,
        ns_since, //
    }, //
};

/// That a reader does not keep its CPU.
pub(super) const PREEMPTIBLE_READERS: Need = Need {
    what: "CONFIG_PREEMPT_RCU",
    met: || Some(cfg!(CONFIG_PREEMPT_RCU)),
};

/// That somebody works on grace periods who can be kept from it.
pub(super) const GP_KTHREAD: Need = Need {
    what: "a kthread of grace periods, which Tiny RCU lacks",
    met: || Some(!IS_TINY),
};

/// What is expected of who has softirqs off: a CPU that does not schedule. With PREEMPT_RT it does, and
/// is in a reader that may be preempted.
pub(super) fn expected_with_softirqs_off(_request: &Request) -> Expected {
    if cfg!(CONFIG_PREEMPT_RT) {
        &[&[Class::TasksBlocked]]
    } else {
        &[&[Class::SelfDetected, Class::Detected]]
    }
}

/// Whether the victim may be without a tick: then it does not notice by itself that it is quiescent,
/// and its timers are on other CPUs.
pub(super) fn is_victim_nohz_full(request: &Request) -> bool {
    victim_of(request).is_some_and(is_nohz_full)
}

/// Is the stall as `work` does it, and adds to its account how many grace periods ended meanwhile.
/// Process context, may sleep.
pub(super) fn count_during(stall: &Stall, work: impl FnOnce()) -> Result {
    let before = GpSeq::now();
    work();
    let ended = GpSeq::now().completed() - before.completed();
    stall.fact("grace periods", ended as u64)
}

/// Asks for a grace period, and waits, spinning, until one is in flight, or the run is over: with
/// Tiny RCU none ever is. Process context.
pub(crate) fn start_grace_period(stall: &Stall) {
    let _ = Cookie::start(Vanilla);
    while !IS_TINY && !GpSeq::now().in_flight() && !stall.over() {
        cpu_relax();
    }
}

/// A grace period that waits for a reader of the caller.
pub(super) struct GracePeriod {
    _reader: rcu::Guard,
}

impl GracePeriod {
    /// One that does not end for so long is held up: by the reader, since this CPU had not answered
    /// when that was entered.
    const HELD_UP: Delta = Delta::from_millis(500);

    /// Enters a reader, and waits, spinning, for a grace period to begin after that, or for one that
    /// is held up. Process context.
    ///
    /// Returns none if the run is over meanwhile.
    pub(super) fn hold(stall: &Stall) -> Option<Self> {
        let reader = rcu::read_lock();
        let first = GpSeq::now();
        let from = mono_fast_ns();
        let _ = Cookie::start(Vanilla);
        while !stall.over() {
            let now = GpSeq::now();
            let held_up = ns_since(from) >= Self::HELD_UP.as_nanos() as u64;
            if now.in_flight() && (now != first || held_up) {
                return Some(Self { _reader: reader });
            }
            cpu_relax();
        }
        None
    }
}
