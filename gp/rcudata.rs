// SPDX-License-Identifier: GPL-2.0

//! The file `rcudata`: a row a CPU.

use super::{
    counter::{
        printed,
        Counter,
        Known, //
    },
    counters::Counters,
    ring::Kind, //
};
use core::fmt;
use wrappers::{
    cpu::is_online_now,
    tracepoint::{
        rcu::{
            BatchEnd,
            BatchStart,
            Callback,
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
    /// The address of its list of callbacks.
    list: Counter,
    segments: [Counter; 4],
    /// Twice its counter of entering and leaving idle, and 1 more while it is idle; 0 if not seen.
    watching: Counter,
}

impl Cpu {
    pub(super) fn forget(&self) {
        for seen in [&self.noticed, &self.list, &self.watching] {
            seen.set(0);
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

impl Probe<ForcedQuiescentState> for Counters {
    #[inline]
    fn hit(&self, hit: ForcedQuiescentState) {
        if hit.how.bytes() != b"dti" {
            return;
        }
        if let Some(cpu) = self.cpus.of(hit.cpu as usize) {
            cpu.found_idle.add(1);
        }
        self.rings
            .push(Kind::QsIdle, hit.cpu as u32, hit.gp_seq as u64);
    }
}

impl Probe<Callback> for Counters {
    #[inline]
    fn hit(&self, _: Callback) {
        self.with_this_cpu(|cpu| cpu.queued.add(1));
    }
}

impl Probe<BatchStart> for Counters {
    #[inline]
    fn hit(&self, _: BatchStart) {
        self.with_this_cpu(|cpu| cpu.batches.add(1));
    }
}

impl Probe<BatchEnd> for Counters {
    #[inline]
    fn hit(&self, hit: BatchEnd) {
        self.with_this_cpu(|cpu| cpu.invoked.add(hit.invoked as u64));
    }
}

impl Probe<SegmentStats> for Counters {
    #[inline]
    fn hit(&self, hit: SegmentStats) {
        self.with_this_cpu(|cpu| {
            // The list may be another CPU's: one that went offline, or is offloaded. Whose it is
            // shows when a callback is queued, which goes to the list of the CPU that queues it.
            let list = hit.segments.list as u64;
            if cpu.list.get() != list {
                if hit.occasion.bytes() != b"SegCBQueued" {
                    return;
                }
                cpu.list.set(list);
            }
            for (segment, length) in cpu.segments.iter().zip(hit.segments.lengths) {
                segment.set(length as u64);
            }
        });
    }
}

impl Probe<Watching> for Counters {
    #[inline]
    fn hit(&self, hit: Watching) {
        let idle = u64::from(hit.after == 0);
        let counter = u64::from(hit.counter as u32);
        self.with_this_cpu(|cpu| cpu.watching.set((counter << 1) | idle));
    }
}

pub(super) fn show(counters: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(
        f,
        "# gp_seq: of the last grace period that the CPU noticed; qs_own, qs_idle: quiescent"
    )?;
    writeln!(
        f,
        "# states that it reported, or was found idle in; queued, invoked: callbacks; done,"
    )?;
    writeln!(
        f,
        "# wait, ready, next: callbacks by what they wait for; idle: RCU does not watch it"
    )?;
    counters.explain(f)?;
    if !lazy_is_known() {
        writeln!(f, "# lazy: not known, no tracepoint tells")?;
    }
    if !offloaded_is_known() {
        writeln!(f, "# offloaded: not known, no tracepoint tells")?;
    }
    writeln!(
        f,
        "{:>3} {:>6} {:>10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>6} {:>6} {:>6} {:>6} {:>4} {:>4} {:>10} {:>9}",
        "cpu", "online", "gp_seq", "qs_own", "qs_idle", "queued", "invoked", "batches", "done", "wait",
        "ready", "next", "lazy", "idle", "watching", "offloaded"
    )?;
    (0..)
        .zip(counters.cpus.iter())
        .try_for_each(|(number, cpu)| row(counters, f, number, cpu))
}

/// Without lazy callbacks there are none.
fn lazy_is_known() -> bool {
    cfg!(not(CONFIG_RCU_LAZY))
}

/// Where no CPU's callbacks can be offloaded, none are.
fn offloaded_is_known() -> bool {
    cfg!(not(CONFIG_RCU_NOCB_CPU))
}

fn row(counters: &Counters, f: &mut fmt::Formatter<'_>, number: u32, cpu: &Cpu) -> fmt::Result {
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
    let has_list = cpu.list.get() != 0;
    for segment in &cpu.segments {
        write!(f, " {:>6}", counters.state(has_list.then(|| segment.get())))?;
    }
    let watching = Some(cpu.watching.get()).filter(|seen| *seen != 0);
    writeln!(
        f,
        " {:>4} {:>4} {:>10} {:>9}",
        Known(lazy_is_known().then_some(0)),
        counters.state(watching.map(|seen| yes(seen & 1 == 1))),
        counters.state(watching.map(|seen| seen >> 1)),
        Known(offloaded_is_known().then_some("no")),
    )
}
