// SPDX-License-Identifier: GPL-2.0

//! What RCU costs in Rust and in C, in the same kernel, one after the other.
//!
//! Try it, in `/sys/kernel/debug/rcu_bench`; `rculab bench` does, in a guest whose clock counts
//! instructions:
//!
//! ```text
//! echo run > control
//! cat results
//! echo throughput RcuList 2 1 500 > control
//! cat throughput
//! ```
//!
//! An operation is an entry of a table, with a function in each language, and so is a way to share a
//! list between readers and updaters.

use kernel::{
    fmt,
    new_mutex,
    prelude::*,
    sync::Mutex,
    time::Delta,
    uaccess::UserSliceReader,
    InPlaceModule, //
};
use wrappers::{
    control::LastError,
    debugfs::Scope, //
};

mod lists;
mod operation;
#[path = "../gp/own.rs"]
mod own;
mod readers;
mod reference;
mod schemes;
mod sleepable;
mod throughput;
mod updaters;

use operation::{
    Measured,
    Operation, //
};
use reference::Reference;
use schemes::SCHEMES;
use throughput::{
    Plan,
    Throughput, //
};

/// What is measured, in the order of the results. The empty loop is part of every other number.
const TABLES: &[&[Operation]] = &[
    &[readers::LOOP],
    readers::OPERATIONS,
    sleepable::OPERATIONS,
    updaters::OPERATIONS,
    lists::OPERATIONS,
];

rcu::rcu_module! {
    type: RcuBench,
    // In this order here, and in the other one elsewhere: both will do.
    locks: [
        pub(crate) BENCH_LOCK: Mutex<()> = (),
    ],
    srcu: [
        pub(crate) BenchNormal: Normal,
        pub(crate) BenchNmiSafe: NmiSafe,
        pub(crate) BenchFast: Fast,
        pub(crate) BenchFastUpDown: FastUpDown,
    ],
    name: "rcu_bench",
    authors: ["the rcu-lab authors"],
    description: "What RCU costs in Rust and in C",
    license: "GPL",
}

#[pin_data]
struct RcuBench {
    #[pin]
    bench: Scope<Bench>,
}

#[pin_data]
struct Bench {
    /// What the last run measured. Held while one is under way.
    #[pin]
    results: Mutex<KVec<Measured>>,
    /// What threads got done side by side, the last time. Held while they are at it.
    #[pin]
    throughput: Mutex<Option<Throughput>>,
    #[pin]
    last_error: LastError,
}

impl InPlaceModule for RcuBench {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            bench <- Scope::dir(Bench::new(), c"rcu_bench"),
        })
        .pin_chain(|module| {
            module.bench.publish(|bench, dir| {
                dir.write_only_callback_file(c"control", bench, &Bench::control);
                dir.read_callback_file(c"results", bench, &Bench::show);
                dir.read_callback_file(c"throughput", bench, &Bench::show_throughput);
                dir.read_callback_file(c"last_error", &bench.last_error, &|error, f| {
                    write!(f, "{error}")
                });
                own::files(dir);
            });
            Ok(())
        })
    }
}

impl Bench {
    fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            results <- new_mutex!(KVec::new(), "rcu_bench::results"),
            throughput <- new_mutex!(None, "rcu_bench::throughput"),
            last_error <- LastError::new("rcu_bench"),
        })
    }

    fn control(&self, reader: &mut UserSliceReader) -> Result {
        self.last_error.carry_out(reader, |line| {
            let mut words = line.split_ascii_whitespace();
            let command = words.next();
            let words = [(); 5].map(|()| words.next());
            match (command, words) {
                (Some("run"), [None, ..]) => self
                    .run()
                    .map_err(|error| self.last_error.note(error, fmt!("run: {error:?}"))),
                (Some("throughput"), [Some(scheme), Some(a), Some(b), Some(c), None]) => {
                    let plan = self.plan(scheme, [a, b, c])?;
                    self.side_by_side(plan)
                        .map_err(|error| self.last_error.note(error, fmt!("throughput: {error:?}")))
                }
                _ => Err(self.invalid(fmt!(
                    "expected 'run' or 'throughput SCHEME READERS UPDATERS MS'"
                ))),
            }
        })
    }

    fn plan(&self, scheme: &str, [readers, updaters, ms]: [&str; 3]) -> Result<Plan> {
        let number = |name, text: &str, least: u32, most: u32| {
            let number = text.parse().ok().filter(|n| (least..=most).contains(n));
            number.ok_or_else(|| {
                self.invalid(fmt!(
                    "{name} '{text}': expected a number from {least} to {most}"
                ))
            })
        };
        let known = SCHEMES.iter().find(|known| known.name == scheme);
        let plan = Plan {
            scheme: known.ok_or_else(|| {
                self.invalid(fmt!(
                    "SCHEME '{scheme}': expected RcuList, Mutex, SpinLock, rwlock or seqlock"
                ))
            })?,
            readers: number("READERS", readers, 0, 64)?,
            updaters: number("UPDATERS", updaters, 0, 64)?,
            time: Delta::from_millis(i64::from(number("MS", ms, 1, 10_000)?)),
        };
        if plan.threads() == 0 {
            return Err(self.invalid(fmt!("READERS and UPDATERS are 0: expected a thread")));
        }
        Ok(plan)
    }

    fn invalid(&self, what: fmt::Arguments<'_>) -> Error {
        self.last_error.note(EINVAL, what)
    }

    /// Lets threads read and update side by side.
    fn side_by_side(&self, plan: Plan) -> Result {
        let mut throughput = self.throughput.lock();
        *throughput = Some(plan.measure()?);
        Ok(())
    }

    fn show_throughput(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# scheme; readers; updaters; nanoseconds; walks, those in vain, updates"
        )?;
        let throughput = self.throughput.lock();
        let Some(Throughput {
            plan,
            took,
            walks,
            again,
            updates,
        }) = &*throughput
        else {
            return Ok(());
        };
        let (name, readers, updaters) = (plan.scheme.name, plan.readers, plan.updaters);
        let ns = took.as_nanos();
        writeln!(
            f,
            "{name} {readers} {updaters} {ns} {walks} {again} {updates}"
        )
    }

    /// Measures everything. If that fails, the results are still those of the run before.
    fn run(&self) -> Result {
        let mut results = self.results.lock();
        let mut table = KVec::new();
        let _c = Reference::publish()?;
        let _rust = readers::publish()?;
        for operation in TABLES.iter().copied().flatten() {
            table.push(operation.measure()?, GFP_KERNEL)?;
        }
        *results = table;
        Ok(())
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# rounds; ticks of a run in C: least, mean; in Rust; operation"
        )?;
        for measured in self.results.lock().iter() {
            let Measured {
                name,
                rounds,
                c,
                rust,
            } = measured;
            let (c_least, c_mean) = (c.least, c.mean());
            let (rust_least, rust_mean) = (rust.least, rust.mean());
            writeln!(
                f,
                "{rounds} {c_least} {c_mean} {rust_least} {rust_mean} {name}"
            )?;
        }
        Ok(())
    }
}
