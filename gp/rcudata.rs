// SPDX-License-Identifier: GPL-2.0

//! The file `rcudata`: a row a CPU.

use super::{
    asking::Answer,
    counter::{
        printed,
        Counter,
        Known, //
    },
    counters::Counters,
    ring::Kind,
    said::{
        Offloaded,
        Said, //
    },
    words::Meaning, //
};
use core::fmt;
use wrappers::{
    cpu::is_online_now,
    tracepoint::{
        rcu::{
            BatchEnd,
            BatchStart,
            ForcedQuiescentState,
            SegmentStats,
            Watching, //
        },
        Probe, //
    }, //
};

/// What is known of a CPU.
#[derive(Default)]
pub(super) struct Cpu {
    /// The grace period that it knows of, if `noticed`.
    gp_seq: Counter,
    noticed: Counter,
    own_states: Counter,
    found_idle: Counter,
    queued: Counter,
    batches: Counter,
    invoked: Counter,
    /// How many callbacks it may run in one go; 0 if not seen.
    limit: Counter,
    /// The address of its list of callbacks.
    list: Counter,
    segments: [Counter; 4],
    /// Twice its counter of entering and leaving idle, and 1 more while it is idle; 0 if not seen.
    watching: Counter,
}

impl Cpu {
    pub(super) fn forget(&self) {
        for seen in [&self.noticed, &self.limit, &self.list, &self.watching] {
            seen.set(0);
        }
    }

    /// How many callbacks are in each segment, as events tell, or else the kernel.
    fn segments(&self, counters: &Counters, told: Option<Offloaded>) -> [Option<u64>; 4] {
        let has_list = self.list.get() != 0;
        let seen = self.segments.each_ref();
        let seen = seen.map(|segment| counters.state(has_list.then(|| segment.get())).0);
        match told {
            Some(told) if seen[0].is_none() => {
                [told.done, told.wait, told.ready, told.next].map(Some)
            }
            _ => seen,
        }
    }

    #[inline]
    pub(super) fn noticed(&self, gp_seq: u64) {
        self.gp_seq.set(gp_seq);
        self.noticed.set(1);
    }

    #[inline]
    pub(super) fn own_quiescent_state(&self, gp_seq: u64) {
        self.own_states.add(1);
        self.noticed(gp_seq);
    }
}

impl Counters {
    #[inline]
    pub(super) fn with_this_cpu(&self, f: impl FnOnce(&Cpu)) {
        if let Some(cpu) = self.cpus.here() {
            f(cpu);
        }
    }
}

/// What a scan finds out about a CPU.
#[derive(Clone, Copy)]
pub(super) enum Finding {
    Idle,
}

impl Meaning for Finding {
    const WORDS: &'static [(&'static str, Self)] = &[("dti", Self::Idle)];
}

/// Why an event tells of a list of callbacks.
#[derive(Clone, Copy)]
pub(super) enum Occasion {
    Queued,
}

impl Meaning for Occasion {
    const WORDS: &'static [(&'static str, Self)] = &[("SegCBQueued", Self::Queued)];
}

impl Probe<ForcedQuiescentState> for Counters {
    #[inline(always)]
    fn hit(&self, hit: ForcedQuiescentState) {
        if self.findings.meaning(hit.how).is_none() {
            return;
        }
        if let Some(cpu) = self.cpus.of(hit.cpu as usize) {
            cpu.found_idle.add(1);
        }
        self.rings
            .push(Kind::QsIdle, hit.cpu as u32, hit.gp_seq as u64);
    }
}

impl Probe<BatchStart> for Counters {
    #[inline(always)]
    fn hit(&self, hit: BatchStart) {
        self.with_this_cpu(|cpu| {
            cpu.batches.add(1);
            cpu.limit.set(hit.limit as u64);
        });
    }
}

impl Probe<BatchEnd> for Counters {
    #[inline(always)]
    fn hit(&self, hit: BatchEnd) {
        self.with_this_cpu(|cpu| cpu.invoked.add(hit.invoked as u64));
    }
}

impl Probe<SegmentStats> for Counters {
    #[inline(always)]
    fn hit(&self, hit: SegmentStats) {
        let occasion = self.occasions.meaning(hit.occasion);
        self.with_this_cpu(|cpu| {
            let list = hit.segments.list as u64;
            match occasion {
                // Each callback, as `rcu_callback` would tell, which is an event less this way.
                Some(Occasion::Queued) => {
                    cpu.queued.add(1);
                    cpu.list.set(list);
                }
                // The list may be another CPU's: one that went offline, or is offloaded. Whose it
                // is shows when a callback is queued: that goes to the CPU's own.
                None if cpu.list.get() != list => return,
                None => {}
            }
            for (segment, length) in cpu.segments.iter().zip(hit.segments.lengths) {
                segment.set(length as u64);
            }
        });
    }
}

impl Probe<Watching> for Counters {
    #[inline(always)]
    fn hit(&self, hit: Watching) {
        let idle = u64::from(hit.after == 0);
        let counter = u64::from(hit.counter as u32);
        self.with_this_cpu(|cpu| cpu.watching.set((counter << 1) | idle));
    }
}

pub(super) fn show(counters: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let answer = if HAS_OFFLOADING {
        counters.asking.ask()
    } else {
        Answer::NotAsked
    };
    for line in [
        "# gp_seq: of the last grace period that the CPU noticed; qs_own: quiescent states that it",
        "# noted itself; qs_idle: those that a scan noted, as it is or was idle or in user space",
        "# queued: callbacks; invoked, batches: on this CPU, whoever queued them",
        "# done, wait, ready, next: callbacks by what they wait for, when that changed last, but for",
        "# those of a batch that is at work; lazy_max: no more than so many are lazy",
        "# idle: RCU does not watch the CPU; watching: how often that changed, as it counts",
        "# limit: how many callbacks it may run in one go, as of its last batch",
    ] {
        writeln!(f, "{line}")?;
    }
    counters.explain(f)?;
    explain_offloading(f, &answer)?;
    writeln!(
        f,
        "{:>3} {:>6} {:>10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>6} {:>6} {:>6} {:>6} {:>8} {:>4} {:>10} {:>9} {:>6}",
        "cpu", "online", "gp_seq", "qs_own", "qs_idle", "queued", "invoked", "batches", "done", "wait",
        "ready", "next", "lazy_max", "idle", "watching", "offloaded", "limit"
    )?;
    (0..)
        .zip(counters.cpus.iter())
        .try_for_each(|(number, cpu)| row(counters, f, number, cpu, answer.whole()))
}

/// Whether a CPU's callbacks can be run by others. Only then is there a bypass list, and lazy ones.
const HAS_OFFLOADING: bool = cfg!(CONFIG_RCU_NOCB_CPU);

fn explain_offloading(f: &mut fmt::Formatter<'_>, answer: &Answer) -> fmt::Result {
    if !HAS_OFFLOADING {
        return Ok(());
    }
    writeln!(
        f,
        "# queued: without those that an offloaded CPU puts into its bypass list: no event tells"
    )?;
    writeln!(
        f,
        "# offloaded, lazy_max: {}",
        match answer {
            Answer::NotAsked => "no event tells; the kernel does: echo 1 >ask",
            Answer::Cut => "the kernel's answer is cut, there was no room for all of it",
            Answer::Whole(_) => "as the kernel told",
        }
    )
}

fn row(
    counters: &Counters,
    f: &mut fmt::Formatter<'_>,
    number: u32,
    cpu: &Cpu,
    told: Option<&Said>,
) -> fmt::Result {
    let yes = |yes| if yes { "yes" } else { "no" };
    let gp_seq = (cpu.noticed.get() != 0).then(|| printed(cpu.gp_seq.get()));
    write!(
        f,
        "{number:>3} {:>6} {:>10} {:>9} {:>9} {:>9} {:>9} {:>9}",
        yes(is_online_now(number)),
        counters.state(gp_seq),
        counters.count(cpu.own_states.get()),
        counters.count(cpu.found_idle.get()),
        counters.count(cpu.queued.get()),
        counters.count(cpu.invoked.get()),
        counters.count(cpu.batches.get()),
    )?;
    let offloaded = told.map(|said| said.offloaded(number));
    let segments = cpu.segments(counters, offloaded.flatten());
    for segment in segments {
        write!(f, " {:>6}", Known(segment))?;
    }
    let (lazy, elsewhere) = if HAS_OFFLOADING {
        (
            offloaded.map(|list| list.map_or(0, |list| list.bypass)),
            offloaded.map(|list| yes(list.is_some())),
        )
    } else {
        (Some(0), Some("no"))
    };
    let seen = |state: &Counter| Some(state.get()).filter(|seen| *seen != 0);
    let (watching, limit) = (seen(&cpu.watching), seen(&cpu.limit));
    writeln!(
        f,
        " {:>8} {:>4} {:>10} {:>9} {:>6}",
        Known(lazy),
        counters.state(watching.map(|seen| yes(seen & 1 == 1))),
        counters.state(watching.map(|seen| seen >> 1)),
        Known(elsewhere),
        counters.state(limit),
    )
}
