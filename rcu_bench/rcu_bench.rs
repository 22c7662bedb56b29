// SPDX-License-Identifier: GPL-2.0

//! What RCU costs in Rust and in C, in the same kernel, one after the other.
//!
//! Try it, in `/sys/kernel/debug/rcu_bench`; `rculab bench` does, in a guest whose clock counts
//! instructions:
//!
//! ```text
//! echo run > control
//! cat results
//! ```
//!
//! An operation is an entry of a table, with a function in each language.

use kernel::{
    fmt,
    new_mutex,
    prelude::*,
    sync::Mutex,
    uaccess::UserSliceReader,
    InPlaceModule, //
};
use wrappers::{
    control::LastError,
    debugfs::Scope, //
};

mod lists;
mod operation;
mod readers;
mod reference;
mod sleepable;
mod updaters;

use operation::{
    Measured,
    Operation, //
};
use reference::Reference;

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
                dir.read_callback_file(c"last_error", &bench.last_error, &|error, f| {
                    write!(f, "{error}")
                });
            });
            Ok(())
        })
    }
}

impl Bench {
    fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            results <- new_mutex!(KVec::new(), "rcu_bench::results"),
            last_error <- LastError::new("rcu_bench"),
        })
    }

    fn control(&self, reader: &mut UserSliceReader) -> Result {
        self.last_error.carry_out(reader, |line| match line {
            "run" => self
                .run()
                .map_err(|error| self.last_error.note(error, fmt!("run: {error:?}"))),
            _ => Err(self.last_error.note(EINVAL, fmt!("expected 'run'"))),
        })
    }

    /// Measures everything.
    fn run(&self) -> Result {
        let mut results = self.results.lock();
        results.clear();
        let _c = Reference::publish()?;
        let _rust = readers::publish()?;
        for operation in TABLES.iter().copied().flatten() {
            results.push(operation.measure()?, GFP_KERNEL)?;
        }
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
