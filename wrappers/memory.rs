// SPDX-License-Identifier: GPL-2.0

//! How much memory there is.
//!
//! C header: [`include/linux/mm.h`](srctree/include/linux/mm.h)

use kernel::{
    bindings,
    page::PAGE_SIZE, //
};

/// Returns how many bytes can be allocated without swapping, by the kernel's estimate
/// (`MemAvailable`). Any context.
pub fn available_bytes() -> u64 {
    // SAFETY: Only reads counters.
    let pages = unsafe { bindings::si_mem_available() };
    u64::try_from(pages).unwrap_or(0) * PAGE_SIZE as u64
}
