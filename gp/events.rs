// SPDX-License-Identifier: GPL-2.0

//! The file `events`: what happened last, in the order of time.

use super::{
    counter::printed,
    counters::Counters,
    ring::Event, //
};
use core::fmt::{
    self,
    Write, //
};
use kernel::{
    alloc::{
        flags::GFP_KERNEL,
        KVVec, //
    },
    error::{
        code::ENOMEM,
        Result, //
    }, //
};
use wrappers::snapshot_file::Text;

/// Renders what the file is from its opening on.
pub(super) fn render(counters: &Counters, text: &mut Text) -> Result {
    let mut rings = KVVec::new();
    for ring in counters.rings.iter() {
        rings.push(ring.copy()?, GFP_KERNEL)?;
    }
    write_all(counters, text, &rings).map_err(|_| ENOMEM)
}

fn write_all(counters: &Counters, text: &mut Text, rings: &[KVVec<Event>]) -> fmt::Result {
    writeln!(
        text,
        "# cpu: whom the event is about; lost: overwritten before this was read"
    )?;
    write!(text, "{}", Explained(counters))?;
    let mut whole_from = 0;
    for (cpu, (ring, kept)) in counters.rings.iter().zip(rings).enumerate() {
        let lost = ring.pushed().saturating_sub(kept.len() as u64);
        writeln!(
            text,
            "# written by cpu {cpu}: kept {}, lost {lost}",
            kept.len()
        )?;
        // Of what happened earlier another ring may still know, and this one not any more.
        if let Some(first) = kept.first().filter(|_| lost > 0) {
            whole_from = whole_from.max(first.ns);
        }
    }
    writeln!(text, "# whole from {whole_from} ns on")?;
    writeln!(text, "# ns cpu event gp_seq")?;
    in_order(rings, |event| {
        let (name, gp_seq) = (event.kind.name(), printed(event.gp_seq));
        writeln!(text, "{} {} {name} {gp_seq}", event.ns, event.cpu)
    })
}

/// Calls `write` with the events of all rings, each of which is in the order of time.
fn in_order(rings: &[KVVec<Event>], mut write: impl FnMut(&Event) -> fmt::Result) -> fmt::Result {
    let mut rest = KVVec::new();
    for ring in rings {
        rest.push(ring.iter().peekable(), GFP_KERNEL)
            .map_err(|_| fmt::Error)?;
    }
    loop {
        let next = rest
            .iter_mut()
            .filter_map(|ring| Some((ring.peek()?.ns, ring)))
            .min_by_key(|(ns, _)| *ns);
        match next.and_then(|(_, ring)| ring.next()) {
            Some(event) => write(event)?,
            None => return Ok(()),
        }
    }
}

/// Why there may be less than could be.
struct Explained<'a>(&'a Counters);

impl fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.explain(f)
    }
}
