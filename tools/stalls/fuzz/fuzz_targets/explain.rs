// SPDX-License-Identifier: GPL-2.0

//! Any bytes, cut anywhere: no panic, no hang, and the same answer as in one piece.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stalls::Scanner;

fuzz_target!(|data: &[u8]| {
    // The first byte says how the rest is cut.
    let Some((&step, log)) = data.split_first() else {
        return;
    };
    let whole = stalls::explain(log).expect("reading memory does not fail");
    let mut scanner = Scanner::new();
    let mut pieces = Vec::new();
    for piece in log.chunks(usize::from(step) + 1) {
        pieces.extend(scanner.feed(piece));
    }
    pieces.extend(scanner.finish());
    assert_eq!(whole, pieces);
});
