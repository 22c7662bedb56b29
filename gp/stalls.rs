// SPDX-License-Identifier: GPL-2.0

//! The file `stalls`: how often RCU reported one. Every kernel that can has the tracepoint for it.

use super::{
    counter::{
        Counter,
        Known,
        Millis, //
    },
    counters::Counters,
    ring::Kind, //
};
use core::fmt;
use wrappers::{
    rcu_state::{
        ExpSeq,
        GpSeq,
        IS_TINY, //
    },
    time::mono_fast_ns,
    tracepoint::{
        rcu::StallWarning,
        Probe, //
    }, //
};

#[derive(Default)]
pub(super) struct Stalls {
    detected: Reports,
    self_detected: Reports,
    expedited: Reports,
}

#[derive(Default)]
struct Reports {
    count: Counter,
    last_ns: Counter,
    last_seq: Counter,
}

impl Probe<StallWarning> for Counters {
    fn hit(&self, hit: StallWarning) {
        let gp_seq = GpSeq::now().printed() as u64;
        let (kind, reports, seq) = match hit.kind.bytes() {
            b"StallDetected" => (Kind::StallDetected, &self.stalls.detected, gp_seq),
            b"SelfDetected" => (Kind::StallSelf, &self.stalls.self_detected, gp_seq),
            b"ExpeditedStall" => {
                let seq = ExpSeq::now().map_or(0, |seq| seq.printed() as u64);
                (Kind::StallExpedited, &self.stalls.expedited, seq)
            }
            _ => return,
        };
        let ns = self.rings.push_here(kind, seq);
        reports.last_ns.set(ns);
        reports.last_seq.set(seq);
        reports.count.add(1);
    }
}

pub(super) fn show(counters: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let stalls = &counters.stalls;
    writeln!(
        f,
        "# reports since the module was loaded; seq: of the grace period that was late"
    )?;
    writeln!(
        f,
        "# those of RCU Tasks are not here: no event tells of them"
    )?;
    if IS_TINY {
        writeln!(f, "# there are none: Tiny RCU looks for no stall")?;
    }
    writeln!(
        f,
        "{:<14} {:>9} {:>12}  last_ms_ago",
        "kind", "count", "last_seq"
    )?;
    for (name, reports) in [
        ("detected", &stalls.detected),
        ("self-detected", &stalls.self_detected),
        ("expedited", &stalls.expedited),
    ] {
        let count = reports.count.get();
        let seen = |value| Known((count > 0).then_some(value));
        let ago = mono_fast_ns().saturating_sub(reports.last_ns.get());
        let seq = seen(reports.last_seq.get() as i64);
        let ago = Known((count > 0).then_some(Millis(ago)));
        writeln!(f, "{name:<14} {count:>9} {seq:>12}  {ago}")?;
    }
    Ok(())
}
