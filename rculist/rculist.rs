// SPDX-License-Identifier: GPL-2.0

//! A list that readers walk without a lock while updaters change it.
//!
//! Try it, in `/sys/kernel/debug/rculist`:
//!
//! ```text
//! echo 'fill 100' > control
//! echo 'add 7 700' > control
//! echo 'torture readers=4 updaters=2 secs=5' > control
//! cat entries stats last_error
//! ```

mod bugs;
mod control;
mod entries;
mod entry;
mod files;
#[path = "../gp/own.rs"]
mod own;
mod params;
mod reader;
mod reclaim;
mod torture;
mod walk;

use files::Files;
use kernel::{
    prelude::*,
    InPlaceModule, //
};
use wrappers::debugfs::Scope;

rcu::rcu_module! {
    type: RcuListModule,
    name: "rculist",
    authors: ["the rcu-lab authors"],
    description: "An RCU list with concurrent readers and updaters that check it",
    license: "GPL",
    params: {
        size: u32 {
            default: 0,
            description: "Entries that the list begins with, 100000 at the most (default 0)",
        },
        readers: u32 {
            default: 2,
            description: "Readers of a torture run that does not say how many, 16 at the most (default 2)",
        },
        updaters: u32 {
            default: 1,
            description: "Updaters of a torture run that does not say how many, 16 at the most (default 1)",
        },
        inject: u32 {
            default: 0,
            description: "Whether a torture run may have a bug on purpose, which may crash the kernel (default 0)",
        },
    },
}

/// The module. Dropping the scope removes the files, then drops what they show.
#[pin_data]
struct RcuListModule {
    #[pin]
    files: Scope<Files>,
}

impl InPlaceModule for RcuListModule {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            files <- Scope::dir(Files::new(), c"rculist"),
        })
        .pin_chain(|module| {
            module.files.publish(|files, dir| {
                files.create(dir);
                own::files(dir);
            });
            Ok(())
        })
    }
}
