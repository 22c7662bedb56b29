// SPDX-License-Identifier: GPL-2.0

//! The file `rcugp`: where vanilla RCU's grace periods are, how many there are, how long they take.

use super::{
    counter::{
        Counter,
        Known,
        Millis, //
    },
    counters::Counters,
    histogram::Histogram,
    rates::WINDOWS,
    ring::Kind,
    said::{
        Said,
        State, //
    },
    span::Span,
    words::{
        Meaning,
        Words, //
    }, //
};
use core::fmt;
use wrappers::{
    rcu_state::{
        ExpSeq,
        GpSeq, //
    },
    tracepoint::{
        rcu::GracePeriod,
        Probe, //
    }, //
};

/// What is counted of normal grace periods.
#[derive(Default)]
pub(super) struct Normal {
    pub(super) span: Span,
    forced: Counter,
    took: Histogram,
    words: Words<Step>,
}

#[derive(Clone, Copy)]
enum Step {
    Start,
    End,
    FqsStart,
    FqsEnd,
    CpuStart,
    CpuEnd,
    CpuQs,
    CpuOnline,
    CpuOffline,
}

impl Meaning for Step {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("start", Self::Start),
        ("end", Self::End),
        ("fqsstart", Self::FqsStart),
        ("fqsend", Self::FqsEnd),
        ("cpustart", Self::CpuStart),
        ("cpuend", Self::CpuEnd),
        ("cpuqs", Self::CpuQs),
        ("cpuonl", Self::CpuOnline),
        ("cpuofl", Self::CpuOffline),
        ("cpuofl-bgp", Self::CpuOffline),
    ];
}

impl Probe<GracePeriod> for Counters {
    #[inline(always)]
    fn hit(&self, hit: GracePeriod) {
        let gp_seq = hit.gp_seq as u64;
        let keep = |kind| self.rings.push_here(kind, gp_seq);
        let Some(step) = self.normal.words.meaning(hit.step) else {
            return;
        };
        match step {
            Step::Start => self.normal.span.start(keep(Kind::GpStart)),
            Step::End => {
                if let Some(took) = self.normal.span.end(keep(Kind::GpEnd)) {
                    self.normal.took.add(took);
                }
            }
            Step::FqsStart => {
                self.normal.forced.add(1);
                keep(Kind::FqsStart);
            }
            Step::FqsEnd => {
                keep(Kind::FqsEnd);
            }
            Step::CpuStart => self.with_this_cpu(|cpu| cpu.noticed(gp_seq)),
            // The CPU tells what it knew before: that one has ended.
            Step::CpuEnd => self.with_this_cpu(|cpu| cpu.noticed((gp_seq | 3).wrapping_add(1))),
            Step::CpuQs => {
                self.with_this_cpu(|cpu| cpu.own_quiescent_state(gp_seq));
                keep(Kind::Qs);
            }
            Step::CpuOnline => {
                self.with_this_cpu(|cpu| cpu.noticed(gp_seq));
                keep(Kind::CpuOnline);
            }
            Step::CpuOffline => {
                keep(Kind::CpuOffline);
            }
        }
    }
}

pub(super) fn show(counters: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let seq = GpSeq::now();
    let exp = ExpSeq::now();
    let state = |in_flight| if in_flight { "in-flight" } else { "idle" };
    writeln!(
        f,
        "# vanilla RCU's grace periods, numbered as the kernel counts them"
    )?;
    writeln!(f, "completed {}", seq.completed())?;
    writeln!(
        f,
        "current {}",
        seq.completed() + isize::from(seq.in_flight())
    )?;
    writeln!(f, "state {}", state(seq.in_flight()))?;
    writeln!(
        f,
        "expedited_completed {}",
        Known(exp.map(ExpSeq::completed))
    )?;
    writeln!(
        f,
        "expedited_state {}",
        Known(exp.map(|seq| state(seq.in_flight())))
    )?;
    show_ages(counters, f, exp)?;
    show_rates(counters, f)?;
    show_latencies(counters, f)
}

fn show_ages(counters: &Counters, f: &mut fmt::Formatter<'_>, exp: Option<ExpSeq>) -> fmt::Result {
    let normal = &counters.normal;
    let expedited = &counters.expedited.span;
    let answer = counters.told();
    let told = answer.whole().and_then(Said::state);
    let in_flight = |age: Option<u64>, is| age.filter(|_| is).map(Millis);
    writeln!(
        f,
        "# ages and durations, of what was seen to start and to end while enable was 1"
    )?;
    counters.explain(f)?;
    counters.explain_asking(&answer, f)?;
    let (age, longest) = match told {
        Some(State {
            gp_seq,
            since_start_ns,
            longest_ns,
        }) => {
            writeln!(
                f,
                "# age_ms, longest_ms: as the kernel told, in whole jiffies; longest: since boot"
            )?;
            let age = in_flight(Some(since_start_ns), gp_seq & 3 != 0);
            (Known(age), Known(Some(Millis(longest_ns))))
        }
        None => {
            let age = in_flight(normal.span.age_ns(), GpSeq::now().in_flight());
            let longest = Millis(normal.span.longest_ns());
            (counters.state(age), counters.count(longest))
        }
    };
    writeln!(f, "age_ms {age}")?;
    writeln!(f, "longest_ms {longest}")?;
    writeln!(f, "ended {}", counters.count(normal.span.ended()))?;
    writeln!(f, "forced_scans {}", counters.count(normal.forced.get()))?;
    let age = in_flight(expedited.age_ns(), exp.is_some_and(ExpSeq::in_flight));
    writeln!(f, "expedited_age_ms {}", counters.state(age))?;
    writeln!(
        f,
        "expedited_longest_ms {}",
        counters.count(Millis(expedited.longest_ns()))
    )?;
    writeln!(f, "expedited_ended {}", counters.count(expedited.ended()))
}

fn show_rates(counters: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(
        f,
        "# grace periods per second; -: enable has not been 1 for so long"
    )?;
    for seconds in WINDOWS {
        let rates = counters.rates.over(seconds);
        let (normal, expedited) = rates.filter(|_| counters.enabled()).unzip();
        writeln!(f, "per_second_{seconds}s {}", Known(normal))?;
        let expedited = expedited.flatten();
        writeln!(f, "expedited_per_second_{seconds}s {}", Known(expedited))?;
    }
    Ok(())
}

fn show_latencies(counters: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let probed = &counters.latencies;
    let all = [
        &counters.normal.took,
        &probed.normal,
        &probed.expedited,
        &probed.callback,
    ];
    writeln!(
        f,
        "# how many took less than so many us, and not less than half of it: each grace"
    )?;
    writeln!(
        f,
        "# period; and, at probe_hz, synchronize_rcu(), its expedited twin, and callbacks"
    )?;
    writeln!(
        f,
        "{:<12} {:>12} {:>12} {:>12} {:>12}",
        "less_than_us", "grace_period", "synchronize", "expedited", "callback"
    )?;
    for bucket in Histogram::used(&all) {
        let [each, normal, expedited, callback] = all.map(|h| h.bucket(bucket));
        let each = counters.count(each);
        match Histogram::limit(bucket) {
            Some(limit) => write!(f, "{limit:<12}")?,
            None => write!(f, "{:<12}", "more")?,
        }
        writeln!(f, " {each:>12} {normal:>12} {expedited:>12} {callback:>12}")?;
    }
    Ok(())
}
