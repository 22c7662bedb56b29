// SPDX-License-Identifier: GPL-2.0

//! What the guest tests load to put the `rcu` crate on trial. Not for anybody's machine.
//!
//! - `litmus.rs`: does every way to wait wait? Try it, in `/sys/kernel/debug/rcu_proof`:
//!   `echo 'litmus pairs=4 rounds=100' > control; cat results`
//! - `pitfalls.rs`: what happens to who does what types cannot stop? `echo 'pitfall leak-guard' >
//!   control`
//! - `fire.rs`: does unloading wait for everything? `insmod rcu_proof.ko pending=10000` retires so
//!   many objects at once, and its `rmmod`, or with `fail=1` its own failing init, has to see them
//!   all dropped.

use kernel::{
    fmt,
    new_mutex,
    prelude::*,
    sync::Mutex,
    uaccess::UserSliceReader,
    InPlaceModule, //
};
use rcu::RcuModule;
use wrappers::{
    control::LastError,
    debugfs::Scope, //
};

mod delay;
mod fire;
mod litmus;
mod object;
mod pitfalls;
mod places;
mod readers;
mod ways;

use fire::{
    Fire,
    Ledger, //
};
use litmus::Outcome;

rcu::rcu_module! {
    type: RcuProof,
    srcu: [
        pub(crate) ProofNormal: Normal,
        pub(crate) ProofFast: Fast,
        pub(crate) ProofFastUpDown: FastUpDown,
        pub(crate) ProofNmiSafe: NmiSafe,
    ],
    name: "rcu_proof",
    authors: ["the rcu-lab authors"],
    description: "Tests of the rcu crate that take a module of their own",
    license: "GPL",
    params: {
        pending: u32 {
            default: 0,
            description: "How many objects to retire as the module loads",
        },
        fail: u8 {
            default: 0,
            description: "Whether init fails after that (1) or not (0)",
        },
    },
}

/// The module. What it retired is dropped when `fire` is gone, and then the ledger looks at its
/// books.
#[pin_data]
struct RcuProof {
    // Dropped in this order.
    #[pin]
    litmus: Scope<Litmus>,
    #[pin]
    fire: RcuModule<Fire>,
    ledger: Ledger,
}

impl InPlaceModule for RcuProof {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            // First, so that it is dropped last also when what follows fails.
            ledger: Ledger,
            litmus <- Scope::dir(Litmus::new(), c"rcu_proof"),
            fire <- RcuModule::init(module),
        })
        .pin_chain(|module| {
            module.litmus.publish(|litmus, dir| {
                dir.write_only_callback_file(c"control", litmus, &Litmus::control);
                dir.read_callback_file(c"results", litmus, &Litmus::show);
                dir.read_callback_file(c"last_error", &litmus.last_error, &|error, f| {
                    write!(f, "{error}")
                });
            });
            Ok(())
        })
    }
}

/// The files of the litmus tests.
#[pin_data]
struct Litmus {
    /// What the last run saw. Held while one is under way.
    #[pin]
    results: Mutex<KVec<Outcome>>,
    #[pin]
    last_error: LastError,
}

impl Litmus {
    fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            results <- new_mutex!(KVec::new(), "rcu_proof::results"),
            last_error <- LastError::new("rcu_proof"),
        })
    }

    fn control(&self, reader: &mut UserSliceReader) -> Result {
        self.last_error.carry_out(reader, |line| {
            let outcome = match line.split_once(' ') {
                Some(("pitfall", name)) => pitfalls::fall(name),
                Some(("litmus", numbers)) => parse(numbers).map(|numbers| self.play(numbers)),
                _ => None,
            };
            let invalid = || {
                let what =
                    fmt!("expected 'litmus pairs=1..64 rounds=1..1000000' or 'pitfall NAME'");
                Err(self.last_error.note(EINVAL, what))
            };
            outcome.map_or_else(invalid, |outcome| {
                outcome.map_err(|error| self.last_error.note(error, fmt!("{line}: {error:?}")))
            })
        })
    }

    fn play(&self, (pairs, rounds): (u32, u32)) -> Result {
        let mut results = self.results.lock();
        results.clear();
        places::play_all(pairs, rounds, &mut results)
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# way, rounds, with a reader inside, early returns, objects that a reader saw go"
        )?;
        for outcome in self.results.lock().iter() {
            writeln!(f, "{outcome}")?;
        }
        Ok(())
    }
}

fn parse(numbers: &str) -> Option<(u32, u32)> {
    let (pairs, rounds) = numbers.strip_prefix("pairs=")?.split_once(" rounds=")?;
    let number = |text: &str, most| text.parse().ok().filter(|n| (1..=most).contains(n));
    Some((number(pairs, 64)?, number(rounds, 1_000_000)?))
}
