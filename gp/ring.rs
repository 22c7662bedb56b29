// SPDX-License-Identifier: GPL-2.0

//! The last events of each CPU, kept without a lock.

use super::counter::{
    Counter,
    PerCpu, //
};
use kernel::{
    alloc::{
        flags::GFP_KERNEL,
        KVVec, //
    },
    cpu::CpuId,
    error::Result,
    sync::atomic::{
        Acquire,
        Atomic,
        Relaxed,
        Release, //
    }, //
};
use wrappers::{
    barrier::{
        smp_rmb,
        smp_wmb, //
    },
    time::mono_fast_ns, //
};

/// How many events of a CPU are kept: a power of two.
const KEPT: usize = 2048;

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    GpStart,
    GpEnd,
    FqsStart,
    FqsEnd,
    /// A CPU passed through a quiescent state.
    Qs,
    /// The grace-period kthread found a CPU idle.
    QsIdle,
    CpuOnline,
    CpuOffline,
    ExpStart,
    ExpEnd,
    StallDetected,
    StallSelf,
    StallExpedited,
}

impl Kind {
    const ALL: [(Self, &'static str); 13] = [
        (Self::GpStart, "gp-start"),
        (Self::GpEnd, "gp-end"),
        (Self::FqsStart, "fqs-start"),
        (Self::FqsEnd, "fqs-end"),
        (Self::Qs, "qs"),
        (Self::QsIdle, "qs-idle"),
        (Self::CpuOnline, "cpu-online"),
        (Self::CpuOffline, "cpu-offline"),
        (Self::ExpStart, "exp-start"),
        (Self::ExpEnd, "exp-end"),
        (Self::StallDetected, "stall-detected"),
        (Self::StallSelf, "stall-self-detected"),
        (Self::StallExpedited, "stall-expedited"),
    ];

    pub(super) fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    fn from_index(index: u64) -> Option<Self> {
        Self::ALL.get(index as usize).map(|(kind, _)| *kind)
    }
}

#[derive(Clone, Copy)]
pub(super) struct Event {
    pub(super) ns: u64,
    /// The CPU that it is about.
    pub(super) cpu: u32,
    pub(super) kind: Kind,
    pub(super) gp_seq: u64,
}

/// The rings of all CPUs.
pub(super) struct Rings(PerCpu<Ring>);

impl Rings {
    pub(super) fn new() -> Result<Self> {
        PerCpu::new(Ring::new).map(Self)
    }

    /// Keeps an event of this moment about this CPU, and returns when that is. Any context with
    /// preemption disabled, NMI too.
    #[inline]
    pub(super) fn push_here(&self, kind: Kind, gp_seq: u64) -> u64 {
        self.push(kind, CpuId::current().as_u32(), gp_seq)
    }

    /// As [`Rings::push_here`], about any CPU.
    #[inline]
    pub(super) fn push(&self, kind: Kind, cpu: u32, gp_seq: u64) -> u64 {
        let ns = mono_fast_ns();
        if let Some(ring) = self.0.here() {
            ring.push(&Event {
                ns,
                cpu,
                kind,
                gp_seq,
            });
        }
        ns
    }

    /// The rings, by the CPU that writes them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Ring> {
        self.0.iter()
    }
}

/// One CPU's events. Only its CPU writes, perhaps in nested contexts, and overwrites the oldest.
pub(super) struct Ring {
    /// How many there ever were.
    pushed: Counter,
    slots: KVVec<Slot>,
}

/// A slot is whole while `number` is the same before and after it is read, and not 0.
struct Slot {
    /// One more than how many events came before the one that is in here; 0 while it is written.
    number: Atomic<u64>,
    ns: Counter,
    /// The CPU in the upper half, the kind in the lower one.
    what: Counter,
    gp_seq: Counter,
}

impl Ring {
    fn new() -> Result<Self> {
        let mut slots = KVVec::with_capacity(KEPT, GFP_KERNEL)?;
        for _ in 0..KEPT {
            let slot = Slot {
                number: Atomic::new(0),
                ns: Counter::default(),
                what: Counter::default(),
                gp_seq: Counter::default(),
            };
            slots.push(slot, GFP_KERNEL)?;
        }
        let pushed = Counter::default();
        Ok(Self { pushed, slots })
    }

    #[inline]
    fn push(&self, event: &Event) {
        let number = self.pushed.next();
        let Some(slot) = self.slots.get(number as usize % KEPT) else {
            return;
        };
        slot.number.store(0, Relaxed);
        smp_wmb();
        slot.ns.set(event.ns);
        slot.what
            .set((u64::from(event.cpu) << 32) | event.kind as u64);
        slot.gp_seq.set(event.gp_seq);
        slot.number.store(number + 1, Release);
    }

    /// How many events there ever were.
    pub(super) fn pushed(&self) -> u64 {
        self.pushed.get()
    }

    /// Those that are still there, and are not being written at this moment, in the order of time.
    pub(super) fn copy(&self) -> Result<KVVec<Event>> {
        let mut events = KVVec::with_capacity(KEPT, GFP_KERNEL)?;
        let oldest = self.pushed() as usize % KEPT;
        let (later, earlier) = self.slots.split_at(oldest);
        for event in earlier.iter().chain(later).filter_map(Slot::read) {
            events.push(event, GFP_KERNEL)?;
            // In nested contexts the inner one may come first with the later time.
            let mut last = events.len() - 1;
            while last > 0 && events[last - 1].ns > events[last].ns {
                events.swap(last - 1, last);
                last -= 1;
            }
        }
        Ok(events)
    }
}

impl Slot {
    fn read(&self) -> Option<Event> {
        let number = self.number.load(Acquire);
        let (ns, what, gp_seq) = (self.ns.get(), self.what.get(), self.gp_seq.get());
        smp_rmb();
        if number == 0 || self.number.load(Relaxed) != number {
            return None;
        }
        let cpu = (what >> 32) as u32;
        let kind = Kind::from_index(what & u64::from(u32::MAX))?;
        Some(Event {
            ns,
            cpu,
            kind,
            gp_seq,
        })
    }
}
