// SPDX-License-Identifier: GPL-2.0

//! The kthread in which a scenario runs.

use crate::stall::Stall;
use kernel::{
    cpu::CpuId,
    error::to_result,
    prelude::*,
    processor::cpu_relax,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        Arc, //
    }, //
};
use wrappers::kthread::KThread;

/// The kthread, bound to its CPU.
pub(crate) struct Victim {
    thread: KThread,
    outcome: Arc<Outcome>,
}

/// What became of it.
struct Outcome {
    done: Atomic<bool>,
    errno: Atomic<i32>,
}

impl Victim {
    /// Starts it on its CPU, where it waits until the stall may begin.
    pub(crate) fn spawn(stall: &Arc<Stall>) -> Result<Self> {
        let cpu = stall.place().victim;
        let outcome = Arc::new(
            Outcome {
                done: Atomic::new(false),
                errno: Atomic::new(0),
            },
            GFP_KERNEL,
        )?;
        let thread = KThread::spawn(c"stall_victim", Some(cpu), {
            let (stall, outcome) = (stall.clone(), outcome.clone());
            move |this| {
                // Awake: several stalls begin at the same moment.
                while !stall.is_released() && !this.should_stop() {
                    cpu_relax();
                }
                let result = if !stall.is_released() {
                    Err(EINTR)
                } else if CpuId::current() != cpu {
                    // It has gone offline since it was chosen.
                    Err(ENODEV)
                } else {
                    (stall.request().scenario.run)(&stall, this)
                };
                let errno = result.err().map_or(0, Error::to_errno);
                outcome.errno.store(errno, Relaxed);
                // Pairs with the load in `is_done`: who sees this sees the rest.
                outcome.done.store(true, Release);
            }
        })?;
        Ok(Self { thread, outcome })
    }

    /// Whether the scenario has returned.
    pub(crate) fn is_done(&self) -> bool {
        self.outcome.done.load(Acquire)
    }

    /// Ends the kthread, and returns what the scenario returned.
    pub(crate) fn join(self) -> Result {
        drop(self.thread);
        let errno = self.outcome.errno.load(Relaxed);
        to_result(errno)
    }
}
