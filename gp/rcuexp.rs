// SPDX-License-Identifier: GPL-2.0

//! The file `rcuexp`: expedited grace periods, and who shared one.

use super::{
    counter::{
        Counter,
        Millis, //
    },
    counters::Counters,
    ring::Kind, //
};
use core::fmt;
use kernel::cpu::CpuId;
use wrappers::{
    rcu_state::ExpSeq,
    time::mono_fast_ns,
    tracepoint::{
        rcu::{
            ExpFunnelLock,
            ExpGracePeriod, //
        },
        Probe, //
    }, //
};

#[derive(Default)]
pub(super) struct Expedited {
    started_ns: Counter,
    longest_ns: Counter,
    wanted: Counter,
    started: Counter,
    ended: Counter,
    found_done: Counter,
    selections: Counter,
    offline: Counter,
    climbed: Counter,
    waited: Counter,
}

impl Expedited {
    pub(super) fn forget(&self) {
        self.started_ns.set(0);
    }

    fn end(&self) {
        self.ended.add(1);
        let started = self.started_ns.get();
        if started != 0 {
            self.longest_ns
                .raise(mono_fast_ns().saturating_sub(started));
            self.started_ns.set(0);
        }
    }

    pub(super) fn age_ns(&self) -> Option<u64> {
        let started = self.started_ns.get();
        (started != 0).then(|| mono_fast_ns().saturating_sub(started))
    }

    pub(super) fn ended(&self) -> u64 {
        self.ended.get()
    }

    pub(super) fn longest_ns(&self) -> u64 {
        self.longest_ns.get()
    }
}

impl Probe<ExpGracePeriod> for Counters {
    #[inline]
    fn hit(&self, hit: ExpGracePeriod) {
        let expedited = &self.expedited;
        let kind = match hit.step.bytes() {
            b"start" => {
                expedited.started.add(1);
                expedited.started_ns.set(mono_fast_ns());
                Kind::ExpStart
            }
            b"end" => {
                expedited.end();
                Kind::ExpEnd
            }
            b"snap" => return expedited.wanted.add(1),
            b"done" => return expedited.found_done.add(1),
            b"select" => return expedited.selections.add(1),
            b"selectofl" => return expedited.offline.add(1),
            _ => return,
        };
        let cpu = CpuId::current().as_u32();
        self.rings.push(kind, cpu, hit.gp_seq as u64);
    }
}

impl Probe<ExpFunnelLock> for Counters {
    #[inline]
    fn hit(&self, hit: ExpFunnelLock) {
        match hit.step.bytes() {
            b"nxtlvl" => self.expedited.climbed.add(1),
            b"wait" => self.expedited.waited.add(1),
            _ => {}
        }
    }
}

pub(super) fn show(counters: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let expedited = &counters.expedited;
    let seq = ExpSeq::now();
    writeln!(
        f,
        "# expedited grace periods of vanilla RCU; who wants one starts it, or shares another's,"
    )?;
    writeln!(f, "# and in the end finds it done")?;
    counters.explain(f)?;
    writeln!(f, "seq {}", seq.printed())?;
    writeln!(f, "completed {}", seq.completed())?;
    writeln!(
        f,
        "state {}",
        if seq.in_flight() { "in-flight" } else { "idle" }
    )?;
    let age = expedited.age_ns().map(Millis);
    writeln!(f, "age_ms {}", counters.state(age))?;
    writeln!(
        f,
        "longest_ms {}",
        counters.count(Millis(expedited.longest_ns()))
    )?;
    for (name, counter) in [
        ("wanted", &expedited.wanted),
        ("started", &expedited.started),
        ("ended", &expedited.ended),
        ("found_done", &expedited.found_done),
        ("cpu_selections", &expedited.selections),
        ("cpus_going_offline", &expedited.offline),
        ("funnel_climbed", &expedited.climbed),
        ("funnel_waited", &expedited.waited),
    ] {
        writeln!(f, "{name} {}", counters.count(counter.get()))?;
    }
    Ok(())
}
