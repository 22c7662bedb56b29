// SPDX-License-Identifier: GPL-2.0

//! Asking the kernel: it prints its answer, and the `console` tracepoint tells what it prints.
//!
//! So some of what only tracepoints tell is known on a kernel without them. It is done while the
//! file `ask` is 1 and not all the time, as each answer stands in the kernel's log too.

use super::said::Said;
use kernel::{
    cpu::nr_cpu_ids,
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        Mutex, //
    }, //
};
use wrappers::{
    console::{
        Listener,
        Tap, //
    },
    cpu::Context,
    gp_kthread, //
};

/// What comes of asking.
pub(super) enum Answer {
    /// Nobody asked.
    NotAsked,
    /// The end is missing: there was no room for it. Nothing is taken from it.
    Cut,
    Whole(Said),
}

impl Answer {
    pub(super) fn whole(&self) -> Option<&Said> {
        match self {
            Answer::Whole(said) => Some(said),
            _ => None,
        }
    }
}

/// Hears one task, and nobody who interrupts it.
struct Ear {
    /// The task's PID; 0 while nobody asks.
    task: Atomic<i32>,
    heard: Atomic<usize>,
    text: KVVec<Atomic<i8>>,
}

impl Listener for Ear {
    fn heard(&self, text: &[u8]) {
        let task = self.task.load(Relaxed);
        if task == 0 || Context::current() != Context::Task(task) {
            return;
        }
        let mut at = self.heard.load(Relaxed);
        for byte in Iterator::chain(text.iter(), b"\n") {
            if let Some(place) = self.text.get(at) {
                place.store(*byte as i8, Relaxed);
                at += 1;
            }
        }
        self.heard.store(at, Relaxed);
    }
}

impl Ear {
    /// With room for some lines, and for one a node and one or two a CPU.
    fn new() -> Result<Self> {
        let room = 4096 + 512 * nr_cpu_ids() as usize;
        let mut text = KVVec::with_capacity(room, GFP_KERNEL)?;
        for _ in 0..room {
            text.push(Atomic::new(0), GFP_KERNEL)?;
        }
        Ok(Self {
            task: Atomic::new(0),
            heard: Atomic::new(0),
            text,
        })
    }

    /// What was heard, if it is whole.
    fn said(&self) -> Option<Said> {
        let mut text = KVVec::new();
        for byte in self.text.iter().take(self.heard.load(Relaxed)) {
            text.push(byte.load(Relaxed) as u8, GFP_KERNEL).ok()?;
        }
        Said::new(text)
    }
}

#[pin_data]
pub(super) struct Asking {
    /// Held by who asks: by no probe.
    #[pin]
    tap: Mutex<Option<Tap<Ear>>>,
}

impl Asking {
    /// Nobody listens at first.
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self { tap <- new_mutex!(None, "Asking::tap") })
    }

    pub(super) fn is_on(&self) -> bool {
        self.tap.lock().is_some()
    }

    /// To be called by one task at a time. Process context, sleeps.
    pub(super) fn switch(&self, on: bool) -> Result {
        if on == self.is_on() {
            return Ok(());
        }
        let tap = if on {
            Some(Tap::new(Arc::new(Ear::new()?, GFP_KERNEL)?)?)
        } else {
            None
        };
        let old = core::mem::replace(&mut *self.tap.lock(), tap);
        // Waits for a grace period, and so not under the lock.
        drop(old);
        Ok(())
    }

    /// Asks the kernel, unless nobody listens. Process context, sleeps.
    pub(super) fn ask(&self) -> Answer {
        let tap = self.tap.lock();
        let (Some(tap), Context::Task(task)) = (&*tap, Context::current()) else {
            return Answer::NotAsked;
        };
        let ear = tap.listener();
        ear.heard.store(0, Relaxed);
        ear.task.store(task, Relaxed);
        gp_kthread::show();
        ear.task.store(0, Relaxed);
        ear.said().map_or(Answer::Cut, Answer::Whole)
    }
}
