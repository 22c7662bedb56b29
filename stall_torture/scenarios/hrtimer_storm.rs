// SPDX-License-Identifier: GPL-2.0

//! An hrtimer that is behind and catches up one interval at a time, as TAPRIO's does.
//!
//! `advance_sched()` of the TAPRIO qdisc computes its next expiry from the last one, never from
//! now. `__hrtimer_run_queues()` runs whatever has expired in one go, with interrupts off: after a
//! forward step of the clock, or with an interval that is shorter than the callback, it runs one
//! callback an interval of the backlog and the CPU does nothing else.

use crate::{
    observer::Class,
    scenario::{
        Param,
        Scenario,
        Values, //
    },
    stall::Stall,
    trigger::Request, //
};
use kernel::{
    impl_has_hr_timer,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        Arc,
        ArcBorrow, //
    },
    time::{
        hrtimer::{
            AbsolutePinnedHardMode,
            HrTimer,
            HrTimerCallback,
            HrTimerCallbackContext,
            HrTimerPointer,
            HrTimerRestart, //
        },
        ClockSource,
        Delta,
        Instant,
        Tai, //
    },
};
use wrappers::{
    kthread::ThisThread,
    time::{
        hrtimer_resolution,
        mono_fast_ns, //
    },
};

const NEVER: u64 = 0;
const CONVERGE: u64 = 1;
const FIXED: u64 = 2;

/// Being less behind than this counts as having caught up: `hrtimer_interrupt()` itself makes a
/// pause of up to so long after it has gone round three times.
const CAUGHT_UP: Delta = Delta::from_millis(100);

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "hrtimer-storm",
    what: "an hrtimer catches up one interval at a time",
    expects: |request| match mode(request) {
        FIXED => &[],
        _ => &[Class::Detected],
    },
    min_cpus: 2,
    params: &[
        Param {
            name: "mode",
            values: Values::OneOf(&["never", "converge", "fixed"]),
            default: "never",
        },
        Param {
            name: "interval",
            values: Values::Number(1, 1_000_000_000),
            default: "ns: never 1, converge 2000, fixed 1000000",
        },
        Param {
            name: "backlog",
            values: Values::Number(1, 86400),
            default: "s: 60",
        },
    ],
    run: storm,
};

fn mode(request: &Request) -> u64 {
    request.own("mode").unwrap_or(NEVER)
}

#[pin_data]
struct Storm {
    #[pin]
    timer: HrTimer<Self>,
    stall: Arc<Stall>,
    interval: Delta,
    /// Whether to do what TAPRIO should: go on from now, not from the last expiry.
    fixed: bool,
    fires: Atomic<u64>,
    /// When the backlog was gone, in nanoseconds of the monotonic clock.
    caught_up: Atomic<u64>,
    done: Atomic<bool>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Storm {
        mode: AbsolutePinnedHardMode<Tai>, field: self.timer
    }
}

impl HrTimerCallback for Storm {
    type Pointer<'a> = Arc<Self>;

    fn run(this: ArcBorrow<'_, Self>, mut ctx: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        this.stall.begin();
        this.fires.fetch_add(1, Relaxed);

        let over = if this.fixed {
            ctx.forward_now(this.interval);
            this.stall.over()
        } else {
            let expired = this.timer.expires();
            // The bug: `expired` is in the past, and so may be one interval after it.
            ctx.forward(expired, this.interval);
            let caught_up = Instant::now() - this.timer.expires() < CAUGHT_UP;
            if caught_up {
                this.caught_up.store(mono_fast_ns(), Relaxed);
            }
            caught_up || this.stall.over()
        };

        if over {
            this.stall.end();
            // Pairs with the load in `storm`: who sees this sees the numbers.
            this.done.store(true, Release);
            HrTimerRestart::NoRestart
        } else {
            HrTimerRestart::Restart
        }
    }
}

fn storm(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    let request = stall.request();
    let interval = match (request.own("interval"), mode(request)) {
        (Some(interval), _) => interval,
        (None, CONVERGE) => 2000,
        (None, FIXED) => 1_000_000,
        (None, _) => 1,
    };
    let backlog = Delta::from_secs(request.own("backlog").unwrap_or(60) as i64);
    wait_for_high_resolution(this)?;

    // A negative expiry would count as the far future.
    if Tai::ktime_get() <= backlog.as_nanos() {
        pr_err!("the clock of this machine shows less than the backlog\n");
        return Err(ERANGE);
    }

    let storm = Arc::pin_init(
        pin_init!(Storm {
            timer <- HrTimer::new(),
            stall: stall.clone(),
            interval: Delta::from_nanos(interval as i64),
            fixed: mode(request) == FIXED,
            fires: Atomic::new(0),
            caught_up: Atomic::new(0),
            done: Atomic::new(false),
        }),
        GFP_KERNEL,
    )?;

    // This kthread is bound to the victim, hence so is the timer, which fires at once.
    let handle = storm.clone().start(Instant::now() - backlog);
    while !storm.done.load(Acquire) {
        this.sleep(Delta::from_millis(10));
    }
    drop(handle);

    stall.fact("fires", storm.fires.load(Relaxed))?;
    match storm.caught_up.load(Relaxed) {
        0 => Ok(()),
        at => stall.fact("caught up after, ms", stall.since_begin(at) / 1_000_000),
    }
}

/// In the first second or two after boot a timer's interval is rounded up to a whole jiffy.
fn wait_for_high_resolution(this: &ThisThread) -> Result {
    for _ in 0..100 {
        if hrtimer_resolution() == Delta::from_nanos(1) {
            return Ok(());
        }
        if this.sleep(Delta::from_millis(100)) {
            return Err(EINTR);
        }
    }
    pr_err!("this kernel has no high-resolution timers\n");
    Err(ENODEV)
}
