// SPDX-License-Identifier: GPL-2.0

//! The file `rcuexp`: expedited grace periods, and who shared one.

use super::{
    counter::{
        Counter,
        Known,
        Millis, //
    },
    counters::Counters,
    ring::Kind,
    span::Span, //
};
use core::fmt;
use kernel::cpu::CpuId;
use wrappers::{
    rcu_state::ExpSeq,
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
    pub(super) span: Span,
    wanted: Counter,
    started: Counter,
    found_done: Counter,
    selections: Counter,
    offline: Counter,
    climbed: Counter,
    waited: Counter,
}

impl Probe<ExpGracePeriod> for Counters {
    #[inline]
    fn hit(&self, hit: ExpGracePeriod) {
        let expedited = &self.expedited;
        let kind = match hit.step.bytes() {
            b"start" => {
                expedited.started.add(1);
                expedited.span.start();
                Kind::ExpStart
            }
            b"end" => {
                expedited.span.end();
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
    let state = |seq: ExpSeq| if seq.in_flight() { "in-flight" } else { "idle" };
    writeln!(f, "seq {}", Known(seq.map(ExpSeq::printed)))?;
    writeln!(f, "completed {}", Known(seq.map(ExpSeq::completed)))?;
    writeln!(f, "state {}", Known(seq.map(state)))?;
    let age = expedited.span.age_ns().map(Millis);
    writeln!(f, "age_ms {}", counters.state(age))?;
    writeln!(
        f,
        "longest_ms {}",
        counters.count(Millis(expedited.span.longest_ns()))
    )?;
    for (name, count) in [
        ("wanted", expedited.wanted.get()),
        ("started", expedited.started.get()),
        ("ended", expedited.span.ended()),
        ("found_done", expedited.found_done.get()),
        ("cpu_selections", expedited.selections.get()),
        ("cpus_going_offline", expedited.offline.get()),
        ("funnel_climbed", expedited.climbed.get()),
        ("funnel_waited", expedited.waited.get()),
    ] {
        writeln!(f, "{name} {}", counters.count(count))?;
    }
    Ok(())
}
