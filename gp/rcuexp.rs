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
    span::Span,
    words::{
        Meaning,
        Words, //
    }, //
};
use core::fmt;
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
    steps: Words<Step>,
    meetings: Words<Meeting>,
}

#[derive(Clone, Copy)]
enum Step {
    Wanted,
    Start,
    End,
    FoundDone,
    Selection,
    Offline,
}

impl Meaning for Step {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("snap", Self::Wanted),
        ("start", Self::Start),
        ("end", Self::End),
        ("done", Self::FoundDone),
        ("select", Self::Selection),
        ("selectofl", Self::Offline),
    ];
}

/// What comes of meeting others who want an expedited grace period.
#[derive(Clone, Copy)]
enum Meeting {
    Climbs,
    Waits,
}

impl Meaning for Meeting {
    const WORDS: &'static [(&'static str, Self)] =
        &[("nxtlvl", Self::Climbs), ("wait", Self::Waits)];
}

impl Probe<ExpGracePeriod> for Counters {
    #[inline(always)]
    fn hit(&self, hit: ExpGracePeriod) {
        let expedited = &self.expedited;
        let keep = |kind| self.rings.push_here(kind, hit.gp_seq as u64);
        match expedited.steps.meaning(hit.step) {
            Some(Step::Wanted) => expedited.wanted.add(1),
            Some(Step::Start) => {
                expedited.started.add(1);
                expedited.span.start(keep(Kind::ExpStart));
            }
            Some(Step::End) => {
                expedited.span.end(keep(Kind::ExpEnd));
            }
            Some(Step::FoundDone) => expedited.found_done.add(1),
            Some(Step::Selection) => expedited.selections.add(1),
            Some(Step::Offline) => expedited.offline.add(1),
            None => {}
        }
    }
}

impl Probe<ExpFunnelLock> for Counters {
    #[inline(always)]
    fn hit(&self, hit: ExpFunnelLock) {
        match self.expedited.meetings.meaning(hit.step) {
            Some(Meeting::Climbs) => self.expedited.climbed.add(1),
            Some(Meeting::Waits) => self.expedited.waited.add(1),
            None => {}
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
