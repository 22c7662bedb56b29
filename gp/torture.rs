// SPDX-License-Identifier: GPL-2.0

//! The file `torture`: what rcutorture sees of RCU, and whether its readers read.

use super::{
    counter::Counter,
    counters::Counters, //
};
use core::fmt;
use wrappers::{
    rcu_state::TortureState,
    tracepoint::{
        rcu::TortureRead,
        Probe, //
    }, //
};

#[derive(Default)]
pub(super) struct Torture {
    reads: Counter,
    longest: Counter,
}

impl Probe<TortureRead> for Counters {
    #[inline]
    fn hit(&self, hit: TortureRead) {
        self.torture.reads.add(1);
        let spanned = hit.after.wrapping_sub(hit.before) as u64;
        // The number's two low bits are the state.
        self.torture.longest.raise(spanned >> 2);
    }
}

pub(super) fn show(counters: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let state = TortureState::now();
    writeln!(
        f,
        "# seqs: normal, expedited, polled, as rcutorture prints them, in hexadecimal"
    )?;
    counters.explain(f)?;
    writeln!(f, "seqs {}", state.seqs())?;
    writeln!(f, "gp_flags {:#x}", state.flags)?;
    writeln!(f, "reads {}", counters.count(counters.torture.reads.get()))?;
    let longest = counters.torture.longest.get();
    writeln!(f, "longest_read_grace_periods {}", counters.count(longest))
}
