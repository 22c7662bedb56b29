// SPDX-License-Identifier: GPL-2.0

//! What several suites need: objects that tell of their drop, locks, readers in another thread.

use core::panic::Location;
use kernel::{
    cpu::CpuId,
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        Arc,
        Mutex, //
    },
    time::{
        delay::fsleep,
        Delta,
        Instant,
        Monotonic, //
    },
};
use rcu::{
    Domain,
    RcuBox, //
};
use wrappers::{
    cpu::cpus_read_lock,
    kthread::KThread, //
};

/// Counts drops.
#[derive(Clone)]
pub(super) struct Drops(Arc<Atomic<u32>>);

impl Drops {
    pub(super) fn new() -> Result<Self> {
        Ok(Self(Arc::new(Atomic::new(0), GFP_KERNEL)?))
    }

    pub(super) fn count(&self) -> u32 {
        self.0.load(Acquire)
    }

    /// An object whose drop is counted here.
    pub(super) fn probe(&self, value: u32) -> Probe {
        Probe {
            value,
            drops: self.clone(),
        }
    }

    /// Waits, for ten seconds at the most, until `count` drops were counted.
    pub(super) fn wait_for(&self, count: u32) -> bool {
        wait_until(|| self.count() >= count)
    }
}

/// An assertion outside a test's own function, where `assert!` would bring the kernel down.
#[track_caller]
pub(super) fn ensure(claim: bool) -> Result {
    if claim {
        return Ok(());
    }
    let place = Location::caller();
    pr_err!("{}:{}: this does not hold\n", place.file(), place.line());
    Err(EINVAL)
}

/// Waits, for ten seconds at the most, until `done`.
pub(super) fn wait_until(done: impl Fn() -> bool) -> bool {
    for _ in 0..10_000 {
        if done() {
            return true;
        }
        fsleep(Delta::from_millis(1));
    }
    false
}

/// Whether nothing that this module retired is left when `domain.barrier()` has returned.
pub(super) fn barrier_waits(domain: impl Domain) -> Result<bool> {
    let idle = || rcu::retirements().outstanding() == 0;
    // What earlier tests retired.
    if !wait_until(idle) {
        return Ok(false);
    }
    for _ in 0..3 {
        // It needs no drop, so that its callback is all there is to wait for.
        domain.retire(RcuBox::new(1_u64, GFP_KERNEL)?).call_rcu();
        domain.barrier();
        if !idle() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// An object that counts its drop.
pub(super) struct Probe {
    pub(super) value: u32,
    drops: Drops,
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.drops.0.fetch_add(1, Release);
    }
}

/// A lock that nothing but its address matters of.
pub(super) fn lock() -> Result<Pin<KBox<Mutex<()>>>> {
    KBox::pin_init(new_mutex!((), "rcu::tests::lock"), GFP_KERNEL)
}

/// A thread that is inside a read-side critical section until it is told to leave.
///
/// With Tiny RCU nobody else runs while a vanilla reader is inside, so that it leaves by itself, after
/// five seconds: tests that look on are not for that (`not(CONFIG_TINY_RCU)`).
pub(super) struct Reader {
    state: Arc<ReaderState>,
    _thread: KThread,
}

struct ReaderState {
    inside: Atomic<bool>,
    leave: Atomic<bool>,
    left: Atomic<bool>,
}

impl Reader {
    /// Starts a thread that calls `section` with a function that waits, and returns when the thread
    /// is inside, that is, when it waits.
    ///
    /// The waiting does not sleep, so that vanilla readers may do it.
    pub(super) fn enter(section: impl FnOnce(&dyn Fn()) + Send + 'static) -> Result<Self> {
        let state = Arc::new(
            ReaderState {
                inside: Atomic::new(false),
                leave: Atomic::new(false),
                left: Atomic::new(false),
            },
            GFP_KERNEL,
        )?;
        let shared = state.clone();
        // Not where the test runs: a reader that keeps its CPU would keep the test from looking.
        let here = CpuId::current();
        let elsewhere = cpus_read_lock()
            .online()
            .find(|cpu| cpu.as_u32() != here.as_u32());
        let thread = KThread::spawn(c"rcu_test_reader", elsewhere, move |this| {
            section(&|| {
                shared.inside.store(true, Release);
                // It ends by itself, for the case that nobody else gets a CPU to end it.
                let start = Instant::<Monotonic>::now();
                while !shared.leave.load(Acquire)
                    && !this.should_stop()
                    && start.elapsed() < Delta::from_secs(5)
                {
                    core::hint::spin_loop();
                }
                shared.left.store(true, Release);
            });
        })?;
        while !state.inside.load(Acquire) {
            fsleep(Delta::from_micros(100));
        }
        Ok(Self {
            state,
            _thread: thread,
        })
    }

    /// Starts a thread that is in a vanilla section.
    pub(super) fn vanilla() -> Result<Self> {
        Self::enter(|wait| {
            let _guard = rcu::read_lock();
            wait();
        })
    }

    pub(super) fn leave(&self) {
        self.state.leave.store(true, Release);
    }

    /// Tells the thread to leave, after a while.
    pub(super) fn leave_in(&self, time: Delta) -> Result<KThread> {
        let state = self.state.clone();
        KThread::spawn(c"rcu_test_timer", None, move |_| {
            fsleep(time);
            state.leave.store(true, Release);
        })
    }

    /// Whether the thread was about to leave its section.
    pub(super) fn has_left(&self) -> bool {
        self.state.left.load(Relaxed)
    }
}
