// SPDX-License-Identifier: GPL-2.0

//! RCU CPU stalls on demand, with an account of what the kernel said.
//!
//! Loading the module provokes nothing. Try it, in `/sys/kernel/debug/stall_torture`:
//!
//! ```text
//! cat scenarios
//! echo 'reader cpu=1 secs=30' > trigger       # returns at once
//! cat status                                  # `idle` when it is over
//! cat report last_error
//! echo 1 > abort
//! ```

use kernel::{
    prelude::*,
    InPlaceModule, //
};

mod conductor;
mod history;
mod observer;
#[path = "../gp/own.rs"]
mod own;
mod place;
mod problem;
mod report;
mod requester;
mod scenario;
mod scenarios;
mod stall;
mod torture;
mod trigger;
mod victim;

use torture::{
    Settings,
    Torture, //
};
use wrappers::{
    debugfs::Scope,
    module::parameter, //
};

rcu::rcu_module! {
    type: StallTorture,
    name: "stall_torture",
    authors: ["the rcu-lab authors"],
    description: "RCU CPU stalls on demand, with an account of what the kernel said",
    license: "GPL",
    params: {
        max_secs: u64 {
            default: 60,
            description: "No stall lasts longer than this many seconds (1-3600)",
        },
        allow_bare_metal: u8 {
            default: 0,
            description: "Whether to run outside a virtual machine (1) or not (0)",
        },
        allow_cpu_dead: u8 {
            default: 0,
            description: "Whether cpu-dead may stop a CPU, which only an NMI ends (1) or not (0)",
        },
    },
}

/// The module. Dropping the scope removes the files, then stops the run and waits for it.
#[pin_data]
struct StallTorture {
    #[pin]
    torture: Scope<Torture>,
}

impl InPlaceModule for StallTorture {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let settings = Settings {
            max_secs: parameter::<u64>(module_parameters::max_secs.value()).clamp(1, 3600),
            allow_bare_metal: parameter::<u8>(module_parameters::allow_bare_metal.value()) != 0,
        };
        try_pin_init!(Self {
            torture <- Scope::dir(Torture::new(settings), c"stall_torture"),
        })
        .pin_chain(|module| {
            module.torture.publish(|torture, dir| {
                torture.files(dir);
                own::files(dir);
            });
            Ok(())
        })
    }
}

/// Whether a CPU may be stopped in a way that only an NMI ends.
fn may_stop_cpus() -> bool {
    parameter::<u8>(module_parameters::allow_cpu_dead.value()) != 0
}
