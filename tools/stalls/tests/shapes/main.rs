// SPDX-License-Identifier: GPL-2.0

//! Shapes that are rare in the wild, printed after the format strings of the kernel's source; and
//! what must not be taken for a stall.
//!
//! Synthetic, all of it: real logs are in `tests/logs`.

mod formats;
mod mangled;
mod talk;
mod verdicts;

use stalls::Episode;

fn read(text: &str) -> Vec<Episode> {
    stalls::explain(text.as_bytes()).expect("reading memory does not fail")
}

fn only(text: &str) -> Episode {
    let mut episodes = read(text);
    assert_eq!(episodes.len(), 1, "{text}\n{episodes:#?}");
    episodes.remove(0)
}
