// SPDX-License-Identifier: GPL-2.0

//! A callback of vanilla RCU that is timed.
//!
//! C header: [`include/linux/rcupdate.h`](srctree/include/linux/rcupdate.h)

use crate::time::{
    mono_fast_ns,
    ns_since, //
};
use core::marker::PhantomPinned;
use kernel::{
    bindings,
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Relaxed,
        Release, //
    },
    types::Opaque, //
};

/// A callback that notes how long it took from being queued to being run.
///
/// Dropping it waits until it is not queued: `rcu_barrier()`, process context, sleeps.
///
/// # Invariants
///
/// - A value stays where it was initialized until it is dropped.
/// - While `queued` is set, `head` is the kernel's.
#[pin_data(PinnedDrop)]
#[repr(C)]
pub struct TimedCallback {
    #[pin]
    head: Opaque<bindings::callback_head>,
    queued: Atomic<bool>,
    queued_ns: Atomic<u64>,
    /// How long the last run took, until somebody takes note; 0 if nobody has to.
    took_ns: Atomic<u64>,
    #[pin]
    _pin: PhantomPinned,
}

impl TimedCallback {
    /// Creates an initializer for a callback that is not queued.
    pub fn new() -> impl PinInit<Self> {
        // INVARIANT: It is not queued.
        pin_init!(Self {
            head: Opaque::uninit(),
            queued: Atomic::new(false),
            queued_ns: Atomic::new(0),
            took_ns: Atomic::new(0),
            _pin: PhantomPinned,
        })
    }

    /// Queues it, unless it is queued: `call_rcu()`. Process, softirq or hardirq context.
    pub fn queue(&self) {
        // INVARIANT: It was not queued, and from here on `head` is not ours.
        if self.queued.cmpxchg(false, true, Acquire).is_err() {
            return;
        }
        self.queued_ns.store(mono_fast_ns(), Relaxed);
        // SAFETY: By the type invariants the head is nobody else's, and stays where it is until `run`
        // was called with it, which dropping `self` waits for.
        unsafe { bindings::call_rcu(self.head.get(), Some(Self::run)) };
    }

    /// Returns how long it took, in nanoseconds, if it has run since this was last asked.
    pub fn took_ns(&self) -> Option<u64> {
        match self.took_ns.xchg(0, Relaxed) {
            0 => None,
            ns => Some(ns),
        }
    }

    /// # Safety
    ///
    /// `head` is that of a live, queued `TimedCallback`.
    unsafe extern "C" fn run(head: *mut bindings::callback_head) {
        // SAFETY: By the caller; the head comes first in the `repr(C)` structure.
        let this = unsafe { &*head.cast::<Self>() };
        let took = ns_since(this.queued_ns.load(Relaxed));
        this.took_ns.store(took.max(1), Relaxed);
        // INVARIANT: RCU is done with the head.
        this.queued.store(false, Release);
    }
}

#[pinned_drop]
impl PinnedDrop for TimedCallback {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: Process context. Waits until `run` has returned, also when it has just cleared
        // `queued`.
        unsafe { bindings::rcu_barrier() };
    }
}

// SAFETY: A callback may be queued and dropped by any task.
unsafe impl Send for TimedCallback {}
// SAFETY: What `&TimedCallback` offers is atomic, and `queue` is once at a time by `queued`.
unsafe impl Sync for TimedCallback {}
