// SPDX-License-Identifier: GPL-2.0

//! A periodic timer whose handler takes longer than its period.
//!
//! It falls behind with each of its interrupts, by a multiple of the time that the last one took,
//! until one alone outlasts everything.

use crate::{
    observer::Class,
    scenario::{
        Param,
        Scenario,
        Values, //
    },
    stall::Stall, //
};
use kernel::{
    impl_has_hr_timer,
    prelude::*,
    processor::cpu_relax,
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
        Delta,
        Instant,
        Monotonic, //
    },
};
use wrappers::{
    kthread::ThisThread,
    time::{
        mono_fast_ns,
        ns_since, //
    }, //
};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "slow-interrupt",
    what: "a timer's handler takes longer than the timer's period",
    expects: |_| &[&[Class::Detected]],
    beside: |_| true,
    params: &[
        Param {
            name: "period",
            values: Values::Number(10, 1_000_000),
            default: "us: 1000",
        },
        Param {
            name: "takes",
            values: Values::Number(10, 1_000_000),
            default: "us: 50000",
        },
    ],
    run: start_slow_timer,
    ..Scenario::COMMON
};

#[pin_data]
struct SlowTimer {
    #[pin]
    timer: HrTimer<Self>,
    stall: Arc<Stall>,
    period: Delta,
    takes_ns: u64,
    fires: Atomic<u64>,
    done: Atomic<bool>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for SlowTimer {
        mode: AbsolutePinnedHardMode<Monotonic>, field: self.timer
    }
}

impl HrTimerCallback for SlowTimer {
    type Pointer<'a> = Arc<Self>;

    fn run(this: ArcBorrow<'_, Self>, mut ctx: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        this.stall.begin();
        this.fires.fetch_add(1, Relaxed);
        let from = mono_fast_ns();
        while ns_since(from) < this.takes_ns && !this.stall.over() {
            cpu_relax();
        }
        if this.stall.over() {
            this.stall.end();
            // Pairs with the load in `start_slow_timer`: who sees this sees the numbers.
            this.done.store(true, Release);
            return HrTimerRestart::NoRestart;
        }
        ctx.forward(this.timer.expires(), this.period);
        HrTimerRestart::Restart
    }
}

fn start_slow_timer(stall: &Arc<Stall>, this: &ThisThread) -> Result {
    let request = stall.request();
    let slow = Arc::pin_init(
        pin_init!(SlowTimer {
            timer <- HrTimer::new(),
            stall: stall.clone(),
            period: Delta::from_micros(request.own("period").unwrap_or(1000) as i64),
            takes_ns: request.own("takes").unwrap_or(50_000) * 1000,
            fires: Atomic::new(0),
            done: Atomic::new(false),
        }),
        GFP_KERNEL,
    )?;
    // This kthread is bound to the victim, hence so is the timer.
    let handle = slow.clone().start(Instant::now());
    while !slow.done.load(Acquire) {
        this.sleep(Delta::from_millis(10));
    }
    drop(handle);
    stall.fact("fires", slow.fires.load(Relaxed))
}
