// SPDX-License-Identifier: GPL-2.0

//! A run from its begin to its account.
//!
//! The conductor is a kthread that stays off the victim CPU. No grace period, no stall: it asks for
//! one once the victim is stuck, and keeps RCU's own kthreads off the victim meanwhile, since
//! otherwise they would be stuck too, and another story told.

use crate::{
    observer::Observer,
    report::Account,
    requester::Requester,
    scenario::{
        Asks,
        GpKthread,
        Scenario, //
    },
    stall::Stall,
    victim::Victim, //
};
use kernel::{
    cpu::CpuId,
    prelude::*,
    sync::Arc,
    time::Delta, //
};
use rcu::{
    Cookie,
    Vanilla, //
};
use wrappers::{
    gp_kthread,
    kthread::ThisThread,
    module::wait_until_loaded,
    rcu_state::GpSeq,
    task::{
        find_kernel_thread,
        Confined, //
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

/// Carries out the stalls of a run, one after the other, and gives the account of each to `keep`.
pub(crate) fn conduct(stall: &Arc<Stall>, place: Place, this: &ThisThread, keep: impl Fn(Account)) {
    let request = stall.request();
    for round in 1..=request.repeat.unwrap_or(1) {
        hold_off(stall, this, request.holdoff.unwrap_or(0));
        stall.again();
        pr_notice!("{request} begins\n");
        let account = attempt(stall, place, round, this)
            .unwrap_or_else(|error| Account::failed(stall, place, round, error));
        pr_notice!("{}\n", account.summary());
        keep(account);
        if stall.is_stopped() {
            break;
        }
    }
}

/// Waits for `secs`, or until somebody aborts.
fn hold_off(stall: &Stall, this: &ThisThread, secs: u64) {
    let ticks = secs * 1000 / TICK.as_millis() as u64;
    for _ in 0..ticks {
        if stall.is_stopped() {
            break;
        }
        look(stall, this);
    }
}

fn attempt(stall: &Arc<Stall>, place: Place, round: u64, this: &ThisThread) -> Result<Account> {
    let scenario = stall.request().scenario;
    // Before the stall: all these interrupt other CPUs, or wait for their kthreads.
    let loaded = wait_until_loaded(|| {
        look(stall, this);
        stall.is_stopped()
    });
    if !loaded {
        return Err(EINTR);
    }
    let mut observer = Observer::start()?;
    let kthreads = match place.conductor {
        Some(_) => confine_kthreads(scenario, place.victim)?,
        None => KVec::new(),
    };
    let requester = Requester::spawn(stall, place)?;
    let victim = Victim::spawn(stall, place.victim)?;
    let timeout = (scenario.timeout)(stall.request());

    while !stall.has_begun() && !victim.is_done() {
        look(stall, this);
    }

    let before = GpSeq::now();
    let mut during = before;
    let mut waiting = None;
    while !victim.is_done() {
        look(stall, this);
        observer.drain();
        let now = GpSeq::now();
        if now.in_flight() {
            during = now;
        }
        if scenario.asks != Asks::Nothing && waiting.as_ref().is_none_or(Cookie::poll) {
            waiting = Some(Cookie::start(Vanilla));
        }
    }
    let result = victim.join();
    drop(requester);

    for _ in 0..LAST_TICKS {
        observer.drain();
        if waiting.as_ref().is_none_or(Cookie::poll) {
            break;
        }
        this.sleep(TICK);
    }
    for kthread in &kthreads {
        stall.put_back("kthread CPUs", kthread.put_back())?;
    }

    Ok(Account {
        timeout,
        before,
        during,
        after: GpSeq::now(),
        words: Some(observer.finish()),
        error: result.err(),
        ..Account::of(stall, place, round)
    })
}

/// Waits a tick, and passes on that the module wants to go.
fn look(stall: &Stall, this: &ThisThread) {
    if this.sleep(TICK) {
        stall.stop();
    }
}

/// Puts the kthreads that the scenario's grace periods depend on where it wants them.
fn confine_kthreads(scenario: &Scenario, victim: CpuId) -> Result<KVec<Confined>> {
    let mut confined = KVec::new();
    if let Some(kthread) = gp_kthread::find() {
        let where_to = match scenario.gp_kthread {
            GpKthread::OffVictim => Confined::off(kthread, victim),
            GpKthread::OnVictim => Confined::only(kthread, victim),
        };
        confined.push(where_to?, GFP_KERNEL)?;
    }
    let others: &[&CStr] = match scenario.asks {
        // The names as far as a task has room for them.
        Asks::Expedited => &[c"rcu_exp_gp_kthr", c"rcu_exp_par_gp_"],
        Asks::Tasks => &[c"rcu_tasks_kthre"],
        _ => &[],
    };
    for kthread in others.iter().filter_map(|name| find_kernel_thread(name)) {
        confined.push(Confined::off(kthread, victim)?, GFP_KERNEL)?;
    }
    Ok(confined)
}
