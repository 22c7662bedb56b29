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
//! ```

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
mod srcu;
mod stalls;
mod switch;
mod tasks;
mod torture;

use counters::Counters;
use kernel::{
    prelude::*,
    sync::Arc, //
};
use switch::Switch;
use wrappers::debugfs::ScopedDir;

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
        dir.read_callback_file(c"rcugp", counters, &rcugp::show);
        dir.read_callback_file(c"rcuexp", counters, &rcuexp::show);
        dir.read_callback_file(c"rcubarrier", counters, &rcubarrier::show);
        dir.read_callback_file(c"rcuhier", counters, &rcuhier::show);
        dir.read_callback_file(c"rcudata", counters, &rcudata::show);
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
        dir.read_write_callback_file(c"probe_hz", switch, &Switch::show_rate, &Switch::write_rate);
        dir.read_callback_file(c"last_error", switch, &Switch::show_last_error);
    }
}
