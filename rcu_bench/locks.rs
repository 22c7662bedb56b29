// SPDX-License-Identifier: GPL-2.0

//! The locks that kernel Rust does not have, `locks.c`: one of each, which protects what its users
//! agree upon.

use kernel::{
    ffi::c_uint,
    types::NotThreadSafe, //
};

// The functions are safe: they have these types, and an unlock comes once for each lock, from the
// same task, as no guard below is `Send` or `Copy`.
unsafe extern "C" {
    safe fn rculab_bench_read_lock();
    safe fn rculab_bench_read_unlock();
    safe fn rculab_bench_write_lock();
    safe fn rculab_bench_write_unlock();
    safe fn rculab_bench_read_seqbegin() -> c_uint;
    safe fn rculab_bench_read_seqretry(start: c_uint) -> bool;
    safe fn rculab_bench_write_seqlock();
    safe fn rculab_bench_write_sequnlock();
}

/// A lock that is held until this is dropped.
pub(crate) struct Held {
    unlock: extern "C" fn(),
    _not_send: NotThreadSafe,
}

impl Held {
    fn by(lock: extern "C" fn(), unlock: extern "C" fn()) -> Self {
        lock();
        Self {
            unlock,
            _not_send: NotThreadSafe,
        }
    }

    /// The rwlock, with other readers.
    #[inline(always)]
    pub(crate) fn shared() -> Self {
        Self::by(rculab_bench_read_lock, rculab_bench_read_unlock)
    }

    /// The rwlock, alone.
    #[inline(always)]
    pub(crate) fn exclusive() -> Self {
        Self::by(rculab_bench_write_lock, rculab_bench_write_unlock)
    }

    /// The seqlock, as a writer.
    #[inline(always)]
    pub(crate) fn sequence() -> Self {
        Self::by(rculab_bench_write_seqlock, rculab_bench_write_sequnlock)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        (self.unlock)();
    }
}

/// Returns what `read` does, unless the seqlock was written to meanwhile.
#[inline(always)]
pub(crate) fn unless_written<T>(read: impl FnOnce() -> T) -> Option<T> {
    let start = rculab_bench_read_seqbegin();
    let seen = read();
    (!rculab_bench_read_seqretry(start)).then_some(seen)
}
