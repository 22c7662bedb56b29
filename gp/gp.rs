// SPDX-License-Identifier: GPL-2.0

//! Grace-period counters, as files: the heirs of `CONFIG_RCU_TRACE`'s.
//!
//! Probes on RCU's tracepoints count, without a lock, in numbers that the files read. A kernel
//! without those tracepoints tells less, and the files say so.
//!
//! Try it, in `/sys/kernel/debug/rcu`:
//!
//! ```text
//! cat rcugp                 # what RCU exports
//! echo 1 > enable           # attach the probes
//! cat rcugp rcuhier rcudata events
//! echo 1 > ask              # have the kernel asked for what no tracepoint of it tells
//! ```

mod asking;
#[cfg(CONFIG_KUNIT = "y")]
mod cost;
mod counter;
mod counters;
mod events;
mod geometry;
mod histogram;
mod latency;
mod rates;
mod rcubarrier;
mod rcudata;
mod rcuexp;
mod rcugp;
mod rcuhier;
mod ring;
mod said;
mod span;
mod srcu;
mod stalls;
mod switch;
mod tasks;
mod torture;
mod tree;
mod words;

use core::fmt::{
    self,
    Write, //
};
use counters::Counters;
use kernel::{
    prelude::*,
    sync::Arc, //
};
use switch::Switch;
use wrappers::{
    debugfs::ScopedDir,
    snapshot_file::Text, //
};

/// The counters, and what feeds them.
#[pin_data]
pub(crate) struct GracePeriods {
    #[pin]
    switch: Switch,
    counters: Arc<Counters>,
}

impl GracePeriods {
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            counters: Arc::pin_init(Counters::new(), GFP_KERNEL)?,
            switch <- Switch::new(counters.clone()),
        })
    }

    /// Shows the counters in `dir`.
    pub(crate) fn files<'data>(&'data self, dir: &ScopedDir<'data>) {
        let counters = &*self.counters;
        // These may ask the kernel: once for each opening.
        dir.snapshot_file(c"rcugp", counters, &|c, text| all(text, c, rcugp::show));
        dir.snapshot_file(c"rcuhier", counters, &|c, text| all(text, c, rcuhier::show));
        dir.snapshot_file(c"rcudata", counters, &|c, text| all(text, c, rcudata::show));
        dir.read_callback_file(c"rcuexp", counters, &rcuexp::show);
        dir.read_callback_file(c"rcubarrier", counters, &rcubarrier::show);
        dir.read_callback_file(c"geometry", counters, &geometry::show);
        dir.read_callback_file(c"srcu", counters, &srcu::show);
        dir.read_callback_file(c"tasks", counters, &tasks::show);
        dir.read_callback_file(c"stalls", counters, &stalls::show);
        dir.read_callback_file(c"torture", counters, &torture::show);
        dir.snapshot_file(c"events", counters, &events::render);

        let switch = &self.switch;
        dir.read_write_callback_file(
            c"enable",
            switch,
            &Switch::show_enable,
            &Switch::write_enable,
        );
        dir.read_write_callback_file(c"ask", switch, &Switch::show_ask, &Switch::write_ask);
        dir.read_write_callback_file(c"probe_hz", switch, &Switch::show_rate, &Switch::write_rate);
        dir.read_callback_file(c"last_error", switch, &Switch::show_last_error);
    }
}

type Show = fn(&Counters, &mut fmt::Formatter<'_>) -> fmt::Result;

/// Writes all that `show` shows.
fn all(text: &mut Text, counters: &Counters, show: Show) -> Result {
    struct Shown<'a>(&'a Counters, Show);

    impl fmt::Display for Shown<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            (self.1)(self.0, f)
        }
    }

    write!(text, "{}", Shown(counters, show)).map_err(|_| ENOMEM)
}
