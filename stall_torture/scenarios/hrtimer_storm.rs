// SPDX-License-Identifier: GPL-2.0

//! An hrtimer that is behind and catches up one interval at a time, as TAPRIO's does.
//!
//! `advance_sched()` of the TAPRIO qdisc computes its next expiry from the last one, never from
//! now. `__hrtimer_run_queues()` runs whatever has expired in one go, with interrupts off: after a
//! forward step of the clock, or with an interval that is shorter than the callback, it runs one
//! callback an interval of the backlog and the CPU does nothing else.

use super::grace_period::{
    start_grace_period,
    GracePeriod, //
};
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
        ClockSource,
        Delta,
        Instant,
        Tai, //
    },
};
use wrappers::{
    kthread::ThisThread,
    rcu_state::stall_timeout,
    time::{
        hrtimer_resolution,
        mono_fast_ns, //
        ClockStep,
    },
};

/// The values of `mode=`, in the order in which the key offers them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The interval is shorter than the handler: it never catches up.
    Never,
    /// It catches up by itself.
    Converge,
    /// A sane schedule, and then the clock is set forward.
    ClockJump,
    /// As `Never`, with a pause now and then.
    Yielding,
    /// What TAPRIO should do: go on from now, not from the last expiry.
    Fixed,
}

impl Mode {
    const NAMES: &[&str] = &["never", "converge", "clock-jump", "yielding", "fixed"];

    fn of(request: &Request) -> Self {
        match request.own("mode") {
            Some(1) => Self::Converge,
            Some(2) => Self::ClockJump,
            Some(3) => Self::Yielding,
            Some(4) => Self::Fixed,
            _ => Self::Never,
        }
    }

    /// Nanoseconds between two expiries.
    fn interval(self) -> u64 {
        match self {
            Self::Never | Self::Yielding => 1,
            Self::Converge => 2000,
            Self::ClockJump => 100_000,
            Self::Fixed => 1_000_000,
        }
    }

    /// Seconds that the timer is behind.
    fn backlog(self) -> u64 {
        match self {
            Self::ClockJump => 3600,
            _ => 60,
        }
    }
}

/// Being less behind than this counts as having caught up: `hrtimer_interrupt()` itself makes a
/// pause of up to so long after it has gone round three times.
const CAUGHT_UP: Delta = Delta::from_millis(100);

/// How long a pause of `mode=yielding` is.
const PAUSE: Delta = Delta::from_millis(20);

/// After how many fires it is known what one costs.
const SAMPLE: u64 = 20_000;

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "hrtimer-storm",
    what: "an hrtimer catches up one interval at a time",
    expects: |request| match Mode::of(request) {
        Mode::Fixed => &[],
        Mode::Yielding => &[&[Class::SelfDetected, Class::Detected]],
        _ => &[&[Class::Detected]],
    },
    // Who lets the CPU go now and then is reported by that very CPU.
    min_cpus: |request| match Mode::of(request) {
        Mode::Yielding | Mode::Fixed => 1,
        _ => 2,
    },
    // Setting the clock interrupts every CPU, and waits.
    beside: |request| matches!(Mode::of(request), Mode::Never | Mode::Converge),
    params: &[
        Param {
            name: "mode",
            values: Values::OneOf(Mode::NAMES),
            default: "never",
        },
        Param {
            name: "interval",
            values: Values::Number(1, 1_000_000_000),
            default: "ns: never, yielding 1, converge 2000, clock-jump 100000, fixed 1000000",
        },
        Param {
            name: "backlog",
            values: Values::Number(1, 86400),
            default: "s: 60, clock-jump 3600",
        },
    ],
    run: storm,
    ..Scenario::COMMON
};

#[pin_data]
struct Storm {
    #[pin]
    timer: HrTimer<Self>,
    stall: Arc<Stall>,
    mode: Mode,
    interval: Delta,
    /// For `mode=yielding`: how long it goes on without a pause, and when the next one is due.
    stretch_ns: u64,
    pause_at: Atomic<u64>,
    /// Whether the clock was set forward, or need not be: before that the schedule is sane.
    late: Atomic<bool>,
    fires: Atomic<u64>,
    /// How long the first [`SAMPLE`] fires took, in nanoseconds.
    sample_ns: Atomic<u64>,
    /// When the backlog was gone, in nanoseconds of the monotonic clock.
    caught_up: Atomic<u64>,
    done: Atomic<bool>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Storm {
        mode: AbsolutePinnedHardMode<Tai>, field: self.timer
    }
}

impl Storm {
    /// Counts a fire.
    fn count(&self) {
        if self.fires.fetch_add(1, Relaxed) == SAMPLE {
            let sample_ns = self.stall.since_begin(mono_fast_ns());
            self.sample_ns.store(sample_ns, Relaxed);
        }
    }

    /// Whether it is time to let the CPU go for a moment.
    fn pause_is_due(&self) -> bool {
        let now = mono_fast_ns();
        let is_due = self.mode == Mode::Yielding && now >= self.pause_at.load(Relaxed);
        if is_due {
            self.pause_at.store(now + self.stretch_ns, Relaxed);
        }
        is_due
    }
}

impl HrTimerCallback for Storm {
    type Pointer<'a> = Arc<Self>;

    fn run(this: ArcBorrow<'_, Self>, mut ctx: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        let expired = this.timer.expires();
        let behind = Instant::now() - expired >= CAUGHT_UP;
        let late = this.late.load(Relaxed) && (behind || this.stall.has_begun());
        if late {
            this.stall.begin();
            this.count();
        }

        let mut over = this.stall.over();
        if this.mode == Mode::Fixed {
            ctx.forward_now(this.interval);
        } else if this.pause_is_due() {
            ctx.forward(Instant::now(), PAUSE);
        } else if behind || !late || this.mode == Mode::Yielding {
            // The bug: `expired` may be in the past, and so may be one interval after it.
            ctx.forward(expired, this.interval);
        } else {
            this.caught_up.store(mono_fast_ns(), Relaxed);
            over = true;
        }

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
    let mode = Mode::of(request);
    let interval = request.own("interval").unwrap_or(mode.interval());
    let backlog = Delta::from_secs(request.own("backlog").unwrap_or(mode.backlog()) as i64);
    wait_for_high_resolution(stall, this)?;

    // A negative expiry would count as the far future.
    if Tai::ktime_get() <= backlog.as_nanos() {
        pr_err!("the clock of this machine shows less than the backlog\n");
        return Err(ERANGE);
    }
    let jumps = mode == Mode::ClockJump;
    // Longer than the timeout, or its end is no news.
    let stretch_ns = stall_timeout().as_nanos() as u64 + 500_000_000;
    let pause_at = mono_fast_ns() + stretch_ns;

    let storm = Arc::pin_init(
        pin_init!(Storm {
            timer <- HrTimer::new(),
            stall: stall.clone(),
            mode,
            interval: Delta::from_nanos(interval as i64),
            stretch_ns,
            pause_at: Atomic::new(pause_at),
            late: Atomic::new(!jumps),
            fires: Atomic::new(0),
            sample_ns: Atomic::new(0),
            caught_up: Atomic::new(0),
            done: Atomic::new(false),
        }),
        GFP_KERNEL,
    )?;

    // This kthread is bound to the victim, hence so is the timer.
    let handle;
    if jumps {
        handle = storm.clone().start(Instant::now());
        this.sleep(Delta::from_millis(50));
        // The storm begins in here, and this returns after it.
        storm.late.store(true, Relaxed);
        let step = ClockStep::forward(backlog)?;
        wait(&storm, this);
        stall.put_back("clock", step.put_back())?;
    } else {
        let held = (mode == Mode::Yielding).then(|| hold_grace_period(stall));
        handle = storm.clone().start(Instant::now() - backlog);
        match held.flatten() {
            Some(reader) => spin(&storm, reader),
            None => wait(&storm, this),
        }
    }
    drop(handle);
    account(&storm, backlog)
}

/// Has a grace period in flight that the storm holds up.
///
/// With one CPU nobody can ask for one once the storm has begun, and that CPU counts as quiescent
/// from where RCU's kthread begins a grace period: a reader that the storm keeps from leaving is what
/// is left. Where a reader keeps its CPU, it would keep out the kthread as well.
fn hold_grace_period(stall: &Stall) -> Option<GracePeriod> {
    if cfg!(CONFIG_PREEMPT_RCU) {
        return GracePeriod::hold(stall);
    }
    start_grace_period(stall);
    None
}

/// Waits as [`wait`] does, inside a reader, who must not sleep.
fn spin(storm: &Storm, _reader: GracePeriod) {
    while !storm.done.load(Acquire) {
        cpu_relax();
    }
}

/// Waits until the timer has fired for the last time.
fn wait(storm: &Storm, this: &ThisThread) {
    while !storm.done.load(Acquire) {
        this.sleep(Delta::from_millis(10));
    }
}

/// Adds what was counted to the account; for a storm that ends by itself also what was predicted.
fn account(storm: &Storm, backlog: Delta) -> Result {
    let stall = &storm.stall;
    stall.fact("fires", storm.fires.load(Relaxed))?;
    let sample_ns = storm.sample_ns.load(Relaxed);
    if storm.mode == Mode::Fixed || sample_ns == 0 {
        return Ok(());
    }

    stall.fact("cost of a fire, ns", sample_ns / SAMPLE)?;
    if let Some(predicted_ms) = predict_ms(backlog, storm.interval, sample_ns) {
        stall.fact("predicted, ms", predicted_ms)?;
    }
    match storm.caught_up.load(Relaxed) {
        0 => Ok(()),
        at => stall.fact("caught up after, ms", stall.since_begin(at) / 1_000_000),
    }
}

/// How long a storm takes to catch up whose first [`SAMPLE`] fires took `sample_ns`, if it ever does.
fn predict_ms(backlog: Delta, interval: Delta, sample_ns: u64) -> Option<u64> {
    // Of nanoseconds the product would not fit.
    let sample_us = sample_ns / 1000;
    let intervals_us = interval.as_nanos() as u64 * SAMPLE / 1000;
    // With each interval it comes nearer by what the handler leaves of it.
    let gain_us = intervals_us.saturating_sub(sample_us);
    (backlog.as_millis() as u64 * sample_us).checked_div(gain_us)
}

/// In the first second or two after boot a timer's interval is rounded up to a whole jiffy.
///
/// A storm that was aborted meanwhile need not be waited for: its first fire is its last.
fn wait_for_high_resolution(stall: &Stall, this: &ThisThread) -> Result {
    for _ in 0..100 {
        if hrtimer_resolution() == Delta::from_nanos(1) || stall.is_stopped() {
            return Ok(());
        }
        this.sleep(Delta::from_millis(100));
    }
    pr_err!("this kernel has no high-resolution timers\n");
    Err(ENODEV)
}

#[kunit_tests(rculab_hrtimer_storm)]
mod tests {
    use super::*;

    #[test]
    fn predicts_when_it_has_caught_up() {
        let predict = |secs, interval, cost| {
            predict_ms(
                Delta::from_secs(secs),
                Delta::from_nanos(interval),
                cost * SAMPLE,
            )
        };
        assert_eq!(predict(60, 2000, 500), Some(20_000));
        assert_eq!(predict(60, 500, 500), None);
        assert_eq!(predict(60, 1, 500), None);
        // A day behind, and a guest that was stopped for an hour meanwhile.
        assert_eq!(
            predict(86_400, 1_000_000_000, 180_000_000),
            Some(18_965_853)
        );
    }
}
