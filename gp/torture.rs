// SPDX-License-Identifier: GPL-2.0

//! The file `torture`: what rcutorture sees of RCU, and what its readers tell.

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
    held_long: Counter,
    near_misses: Counter,
}

impl Probe<TortureRead> for Counters {
    #[inline(always)]
    fn hit(&self, hit: TortureRead) {
        match hit.seen.0 {
            0 => self.torture.held_long.add(1),
            _ => self.torture.near_misses.add(1),
        }
    }
}

pub(super) fn show(counters: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let state = TortureState::now();
    writeln!(
        f,
        "# seqs: normal, expedited, polled, as rcutorture prints them, in hexadecimal;"
    )?;
    writeln!(
        f,
        "# of its readers: held_long: on purpose; near_misses: saw what had to be gone"
    )?;
    counters.explain(f)?;
    match state {
        Some(state) => {
            writeln!(f, "seqs {}", state.seqs())?;
            writeln!(f, "gp_flags {:#x}", state.flags)?;
        }
        None => writeln!(f, "seqs -\ngp_flags -")?,
    }
    writeln!(
        f,
        "held_long {}",
        counters.count(counters.torture.held_long.get())
    )?;
    writeln!(
        f,
        "near_misses {}",
        counters.count(counters.torture.near_misses.get())
    )
}
