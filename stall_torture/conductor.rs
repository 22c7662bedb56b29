// SPDX-License-Identifier: GPL-2.0

//! A run from its begin to its account.
//!
//! The conductor is a kthread that stays off the victim CPUs. No grace period, no stall: it asks for
//! one once all victims are stuck, and keeps RCU's own kthreads off them meanwhile, since otherwise
//! they would be stuck too, and another story told.

use crate::{
    observer::Observer,
    report::{
        Account,
        Heard, //
    },
    requester::Requester,
    scenario::{
        Asks,
        GpKthread, //
    },
    stall::Stall,
    victim::Victim, //
};
use kernel::{
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
    time::{
        mono_fast_ns,
        ns_since, //
    }, //
};

/// How often the conductor looks.
const TICK: Delta = Delta::from_millis(20);

/// How many ticks it waits for the grace period to end after the stall, and so for the last words.
const LAST_TICKS: usize = 100;

/// Carries out the stalls of a run, all at once, as often as it says, and gives the account of each
/// to `keep`.
pub(crate) fn conduct(stalls: &[Arc<Stall>], this: &ThisThread, keep: impl Fn(Account)) {
    let Some(first) = stalls.first() else {
        return;
    };
    for round in 1..=first.request().repeat.unwrap_or(1) {
        let held_off = hold_off(stalls, this, first.request().holdoff.unwrap_or(0));
        stalls.iter().for_each(|stall| stall.again());
        match held_off.and_then(|()| attempt(first, stalls, this)) {
            Ok((heard, results)) => {
                for (stall, result) in stalls.iter().zip(results) {
                    keep(tell(Account::of(stall, round, Some(heard.clone()), result)));
                }
            }
            Err(error) => {
                for stall in stalls {
                    keep(tell(Account::of(stall, round, None, Err(error))));
                }
            }
        }
        if first.is_stopped() {
            break;
        }
    }
}

/// Waits for `secs`. Fails if somebody aborts meanwhile.
fn hold_off(stalls: &[Arc<Stall>], this: &ThisThread, secs: u64) -> Result {
    let from = mono_fast_ns();
    while ns_since(from) < secs * 1_000_000_000 {
        if look(stalls, this) {
            return Err(EINTR);
        }
    }
    Ok(())
}

/// Waits a tick, and passes on that the module wants to go. Returns whether the run has to end.
fn look(stalls: &[Arc<Stall>], this: &ThisThread) -> bool {
    // A victim that is stuck may be the one to which the idle CPUs have left their timers. The timer
    // of this sleep stays here: what makes this CPU look at the time has it look for stalls as well.
    if this.sleep(TICK) {
        stalls.iter().for_each(|stall| stall.stop());
    }
    stalls.iter().any(|stall| stall.is_stopped())
}

fn tell(account: Account) -> Account {
    pr_notice!("{}\n", account.summary());
    account
}

/// Carries the stalls out once. Returns what was heard of them, and how each of them ended.
fn attempt(
    first: &Stall,
    stalls: &[Arc<Stall>],
    this: &ThisThread,
) -> Result<(Arc<Heard>, KVec<Result>)> {
    for stall in stalls {
        pr_notice!("{} begins\n", stall.request());
    }
    // Before the stalls: all these interrupt other CPUs, or wait for their kthreads.
    if !wait_until_loaded(|| look(stalls, this)) {
        return Err(EINTR);
    }
    let mut observer = Observer::start()?;
    let kthreads = confine_kthreads(first, stalls)?;
    let requesters = of_each(stalls, Requester::spawn)?;
    let victims = of_each(stalls, Victim::spawn)?;
    let asks = first.request().scenario.asks;

    stalls.iter().for_each(|stall| stall.release());
    let waits = |(stall, victim): (&Arc<Stall>, &Victim)| !stall.has_begun() && !victim.is_done();
    while stalls.iter().zip(&victims).any(waits) {
        look(stalls, this);
    }

    let before = GpSeq::now();
    let mut during = before;
    let mut waiting = None;
    while !victims.iter().all(Victim::is_done) {
        look(stalls, this);
        observer.drain();
        let now = GpSeq::now();
        if now.in_flight() {
            during = now;
        }
        if asks != Asks::Nothing && waiting.as_ref().is_none_or(Cookie::poll) {
            waiting = Some(Cookie::start(Vanilla));
        }
    }
    let mut results = KVec::with_capacity(victims.len(), GFP_KERNEL)?;
    for victim in victims {
        results.push(victim.join(), GFP_KERNEL)?;
    }
    drop(requesters);

    for _ in 0..LAST_TICKS {
        observer.drain();
        if waiting.as_ref().is_none_or(Cookie::poll) {
            break;
        }
        this.sleep(TICK);
    }
    for kthread in &kthreads {
        let result = kthread.put_back();
        for stall in stalls {
            stall.put_back("kthread CPUs", result)?;
        }
    }

    let heard = Heard {
        before,
        during,
        after: GpSeq::now(),
        words: observer.finish(),
        due: stalls.iter().any(|stall| Heard::is_due(stall)),
    };
    Ok((Arc::new(heard, GFP_KERNEL)?, results))
}

/// Starts a kthread for each of the stalls.
fn of_each<T>(stalls: &[Arc<Stall>], spawn: fn(&Arc<Stall>) -> Result<T>) -> Result<KVec<T>> {
    let mut all = KVec::with_capacity(stalls.len(), GFP_KERNEL)?;
    for stall in stalls {
        all.push(spawn(stall)?, GFP_KERNEL)?;
    }
    Ok(all)
}

/// Puts the kthreads that the grace periods depend on where the scenario wants them.
fn confine_kthreads(first: &Stall, stalls: &[Arc<Stall>]) -> Result<KVec<Confined>> {
    let mut confined = KVec::new();
    let Some(conductor) = first.place().conductor else {
        // They have nowhere else to go.
        return Ok(confined);
    };
    let scenario = first.request().scenario;
    let victims = || stalls.iter().map(|stall| stall.place().victim);
    if let Some(kthread) = gp_kthread::find() {
        let where_to = match scenario.gp_kthread {
            GpKthread::OffVictim => Confined::off(kthread, victims()),
            GpKthread::OnVictim => Confined::only(kthread, first.place().victim),
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
        // Where their timers fire.
        confined.push(Confined::only(kthread, conductor)?, GFP_KERNEL)?;
    }
    Ok(confined)
}
