// SPDX-License-Identifier: GPL-2.0

//! Grace periods that are in flight for sure.

use crate::{
    scenario::Need,
    stall::Stall, //
};
use kernel::processor::cpu_relax;
use rcu::{
    Cookie,
    Vanilla, //
};
use wrappers::rcu_state::{
    GpSeq,
    IS_TINY, //
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

/// Asks for a grace period, and waits, spinning, until one is in flight, or the run is aborted: with
/// Tiny RCU none ever is. Process context.
pub(crate) fn start_grace_period(stall: &Stall) {
    let _ = Cookie::start(Vanilla);
    while !IS_TINY && !GpSeq::now().in_flight() && !stall.is_stopped() {
        cpu_relax();
    }
}

/// A grace period that began after the caller entered a reader, and so waits for it.
pub(super) struct GracePeriod {
    _reader: rcu::Guard,
}

impl GracePeriod {
    /// Enters a reader, and waits, spinning, for a grace period to begin after that. Process
    /// context.
    ///
    /// Returns none if the run is over meanwhile.
    pub(super) fn hold(stall: &Stall) -> Option<Self> {
        let reader = rcu::read_lock();
        let first = GpSeq::now();
        let _ = Cookie::start(Vanilla);
        loop {
            let now = GpSeq::now();
            if now.in_flight() && now != first {
                return Some(Self { _reader: reader });
            }
            if stall.over() {
                return None;
            }
            cpu_relax();
        }
    }
}
