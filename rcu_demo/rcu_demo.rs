// SPDX-License-Identifier: GPL-2.0

//! Worked examples of safe RCU, and grace-period counters.
//!
//! Each example has a directory below `/sys/kernel/debug/rcu_demo`; the counters are below
//! `/sys/kernel/debug/rcu`.

use kernel::{
    prelude::*,
    InPlaceModule, //
};

#[path = "../gp/gp.rs"]
mod gp;
#[path = "../gp/own.rs"]
mod own;
#[cfg(CONFIG_KUNIT = "y")]
#[path = "../rcu/tests/tests.rs"]
mod rcu_tests;
mod route_table;
mod srcu_domain;

use gp::GracePeriods;
use route_table::RouteTable;
use srcu_domain::SrcuDomain;
use wrappers::debugfs::Scope;

rcu::rcu_module! {
    type: RcuDemo,
    srcu: [
        /// For tests of static domains.
        #[cfg(CONFIG_KUNIT = "y")]
        pub(crate) TestNormal: Normal,
        /// Another one, to be told from the first.
        #[cfg(CONFIG_KUNIT = "y")]
        pub(crate) TestFast: Fast,
    ],
    locks: [
        /// For tests of cells under a global lock.
        #[cfg(CONFIG_KUNIT = "y")]
        pub(crate) TEST_LOCK: Mutex<()> = (),
    ],
    name: "rcu_demo",
    authors: ["the rcu-lab authors"],
    description: "Worked examples of safe RCU, and grace-period counters",
    license: "GPL",
}

/// The module. Dropping a scope removes its files, then drops what they show.
#[pin_data]
struct RcuDemo {
    #[pin]
    examples: Scope<Examples>,
    #[pin]
    counters: Scope<GracePeriods>,
}

#[pin_data]
struct Examples {
    #[pin]
    route_table: RouteTable,
    #[pin]
    srcu_domain: SrcuDomain,
}

impl Examples {
    fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            route_table <- RouteTable::new(),
            srcu_domain <- SrcuDomain::new(),
        })
    }
}

impl InPlaceModule for RcuDemo {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            examples <- Scope::dir(Examples::new(), c"rcu_demo"),
            counters <- Scope::dir(GracePeriods::new(), c"rcu"),
        })
        .pin_chain(|module| {
            module.examples.publish(|examples, dir| {
                examples.route_table.files(dir);
                examples.srcu_domain.files(dir);
                own::files(dir);
            });
            module.counters.publish(GracePeriods::files);
            Ok(())
        })
    }
}
