// SPDX-License-Identifier: GPL-2.0

//! What a probe takes for an event: in a guest whose clock counts instructions, exactly.

use super::counters::Counters;
use core::{
    cell::Cell,
    hint::black_box, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};
use wrappers::{
    cpu::preempt_off,
    time::mono_fast_ns,
    tracepoint::{
        rcu::{
            Barrier,
            BatchEnd,
            BatchStart,
            ExpFunnelLock,
            ExpGracePeriod,
            ForcedQuiescentState,
            GracePeriod,
            GracePeriodInit,
            QuiescentStateReport,
            SegmentStats,
            Segments,
            Unread,
            Watching,
            Word, //
        },
        Event,
        Probe, //
    }, //
};

/// So many hits are measured together, so many times.
const HITS: u64 = 1000;
const ROUNDS: u64 = 5;

/// The time for [`HITS`] calls, in the round that was disturbed least.
fn took(call: impl Fn()) -> u64 {
    let round = |_| {
        preempt_off(|| {
            let start = mono_fast_ns();
            for _ in 0..HITS {
                call();
            }
            mono_fast_ns().saturating_sub(start)
        })
    };
    (0..ROUNDS).map(round).min().unwrap_or(0)
}

#[inline(never)]
fn hit<E>(counters: &Counters, hit: E)
where
    E: for<'a> Event<Hit<'a> = E>,
    Counters: Probe<E>,
{
    counters.hit(hit);
}

/// What is left of [`hit`] without its probe.
#[inline(never)]
fn nothing<E>(counters: &Counters, hit: E) {
    black_box((&raw const *counters, &raw const hit));
}

/// Prints what the probe alone takes.
fn measure<E>(counters: &Counters, name: &str, event: impl Fn() -> E)
where
    E: for<'a> Event<Hit<'a> = E>,
    Counters: Probe<E>,
{
    let without = took(|| nothing(counters, event()));
    let with = took(|| hit(counters, event()));
    print(E::NAME, name, with.saturating_sub(without));
}

fn print(event: &CStr, name: &str, ns: u64) {
    pr_info!("cost of {event} {name}: {ns} ns for {HITS}\n");
}

#[kernel::prelude::kunit_tests(rculab_gp_cost)]
mod tests {
    use super::*;

    const RCU: fn() -> Unread = Unread::none;

    #[test]
    fn of_each_event() -> Result {
        let counters = Arc::pin_init(Counters::new(), GFP_KERNEL)?;
        let counters = &*counters;
        let clock = took(|| {
            black_box(mono_fast_ns());
        });
        print(c"reading", "the clock", clock.saturating_sub(took(|| ())));

        // An end is only one after a start.
        let ended = Cell::new(true);
        let start_or_end = || {
            ended.set(!ended.get());
            Word::of(if ended.get() { c"end" } else { c"start" })
        };
        measure(counters, "start or end", || GracePeriod {
            rcu: RCU(),
            gp_seq: 5,
            step: start_or_end(),
        });
        measure(counters, "start or end", || ExpGracePeriod {
            rcu: RCU(),
            gp_seq: 5,
            step: start_or_end(),
        });
        for step in [c"fqsstart", c"cpustart", c"cpuend", c"cpuqs", c"newreq"] {
            measure(counters, step.to_str()?, || GracePeriod {
                rcu: RCU(),
                gp_seq: 5,
                step: Word::of(step),
            });
        }
        for step in [c"snap", c"done", c"endwake"] {
            measure(counters, step.to_str()?, || ExpGracePeriod {
                rcu: RCU(),
                gp_seq: 5,
                step: Word::of(step),
            });
        }
        for step in [c"Begin", c"Inc1", c"Inc2", c"IRQ", c"LastCB", c"OnlineQ"] {
            measure(counters, step.to_str()?, || Barrier {
                rcu: RCU(),
                step: Word::of(step),
                cpu: -1,
                remaining: 0,
                seq: 5,
            });
        }
        for step in [c"nxtlvl", c"wait"] {
            measure(counters, step.to_str()?, || ExpFunnelLock {
                rcu: RCU(),
                level: 0,
                first: 0,
                last: 0,
                step: Word::of(step),
            });
        }
        measure(counters, "dti", || ForcedQuiescentState {
            rcu: RCU(),
            gp_seq: 5,
            cpu: 0,
            how: Word::of(c"dti"),
        });
        measure(counters, "", || GracePeriodInit {
            rcu: RCU(),
            gp_seq: 5,
            level: 0,
            first: 0,
            last: 0,
            mask: 1,
        });
        measure(counters, "", || QuiescentStateReport {
            rcu: RCU(),
            gp_seq: 5,
            reported: 1,
            mask: 0,
            level: 0,
            first: 0,
            last: 0,
            tasks: 0,
        });
        measure(counters, "", || SegmentStats {
            segments: Segments {
                list: 1,
                lengths: [0, 0, 0, 1],
            },
            occasion: Word::of(c"SegCBQueued"),
        });
        measure(counters, "", || BatchStart {
            rcu: RCU(),
            queued: 1,
            limit: 10,
        });
        measure(counters, "", || BatchEnd {
            rcu: RCU(),
            invoked: 1,
            more: 0,
            resched: 0,
            idle: 0,
            kthread: 0,
        });
        measure(counters, "", || Watching {
            way: Word::of(c"Start"),
            before: 1,
            after: 0,
            counter: 8,
        });

        // Each was counted: half of them.
        let each = HITS * ROUNDS / 2;
        assert_eq!(counters.normal.span.ended(), each);
        assert_eq!(counters.expedited.span.ended(), each);
        Ok(())
    }
}
