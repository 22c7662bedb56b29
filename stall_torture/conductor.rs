// SPDX-License-Identifier: GPL-2.0

//! A run from its begin to its account.
//!
//! The conductor is a kthread that stays off the victim CPU. No grace period, no stall: it starts
//! one once the victim is stuck, and keeps RCU's own kthread off the victim meanwhile, since
//! otherwise that one would be stuck too, and another story told.

use crate::{
    observer::Observer,
    report::Account,
    stall::Stall, //
};
use kernel::{
    cpu::CpuId,
    error::to_result,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        Arc, //
    },
    time::Delta, //
};
use rcu::{
    Cookie,
    Vanilla, //
};
use wrappers::{
    kthread::{
        KThread,
        ThisThread, //
    },
    rcu_state::{
        stall_timeout,
        GpSeq, //
    },
    task::{
        find_kernel_thread,
        OffCpu, //
    },
};

/// How often the conductor looks.
const TICK: Delta = Delta::from_millis(20);

/// How many ticks it waits for the grace period to end after the stall, and so for the last words.
const LAST_TICKS: usize = 100;

/// Where a run takes place.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) victim: CpuId,
    /// The conductor's CPU; none if the victim is the only one.
    pub(crate) conductor: Option<CpuId>,
}

/// Carries out the run of `stall`.
pub(crate) fn conduct(stall: &Arc<Stall>, place: Place, this: &ThisThread) -> Account {
    pr_notice!("{} begins\n", stall.request());
    let account = match attempt(stall, place, this) {
        Ok(account) => account,
        Err(error) => Account::failed(place, error),
    };
    pr_notice!("{}\n", account.summary(stall));
    account
}

fn attempt(stall: &Arc<Stall>, place: Place, this: &ThisThread) -> Result<Account> {
    // Before the stall: all these interrupt other CPUs, or wait for their kthreads.
    let mut observer = Observer::start()?;
    let off_victim = match place.conductor {
        Some(_) => keep_gp_kthread_off(place.victim)?,
        None => None,
    };
    let victim = Victim::spawn(stall, place.victim)?;
    let timeout = stall_timeout();

    while !stall.has_begun() && !victim.is_done() {
        look(stall, this);
    }

    let before = GpSeq::now();
    let mut cookie = Cookie::start(Vanilla);
    let mut during = before;
    while !victim.is_done() {
        look(stall, this);
        observer.drain();
        let now = GpSeq::now();
        if now.in_flight() {
            during = now;
        }
        if cookie.poll() {
            cookie = Cookie::start(Vanilla);
        }
    }
    let result = victim.join();

    for _ in 0..LAST_TICKS {
        observer.drain();
        if cookie.poll() {
            break;
        }
        this.sleep(TICK);
    }
    let restored = off_victim.as_ref().is_none_or(|off| off.put_back().is_ok());

    Ok(Account {
        place,
        timeout,
        before,
        during,
        restored,
        words: Some(observer.finish()),
        error: result.err(),
    })
}

/// Waits a tick, and passes on that the module wants to go.
fn look(stall: &Stall, this: &ThisThread) {
    if this.sleep(TICK) {
        stall.stop();
    }
}

/// Returns a guard that keeps the kthread of RCU's grace periods off `cpu`.
fn keep_gp_kthread_off(cpu: CpuId) -> Result<Option<OffCpu>> {
    [c"rcu_preempt", c"rcu_sched"]
        .into_iter()
        .find_map(find_kernel_thread)
        .map(|kthread| OffCpu::new(kthread, cpu))
        .transpose()
}

/// The kthread in which a scenario runs.
struct Victim {
    thread: KThread,
    outcome: Arc<Outcome>,
}

/// What became of it.
struct Outcome {
    done: Atomic<bool>,
    errno: Atomic<i32>,
}

impl Victim {
    fn spawn(stall: &Arc<Stall>, cpu: CpuId) -> Result<Self> {
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
                // The CPU may have gone offline since it was chosen.
                let result = if CpuId::current() == cpu {
                    (stall.request().scenario.run)(&stall, this)
                } else {
                    Err(ENODEV)
                };
                let errno = result.err().map_or(0, Error::to_errno);
                outcome.errno.store(errno, Relaxed);
                // Pairs with the load in `is_done`: who sees this sees the rest.
                outcome.done.store(true, Release);
            }
        })?;
        Ok(Self { thread, outcome })
    }

    fn is_done(&self) -> bool {
        self.outcome.done.load(Acquire)
    }

    /// Ends the kthread, and returns what the scenario returned.
    fn join(self) -> Result {
        drop(self.thread);
        let errno = self.outcome.errno.load(Relaxed);
        to_result(errno)
    }
}
