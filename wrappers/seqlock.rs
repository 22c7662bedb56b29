// SPDX-License-Identifier: GPL-2.0

//! Spinning locks whose readers do not wait, and look again.
//!
//! C header: [`include/linux/seqlock.h`](srctree/include/linux/seqlock.h)

use crate::sys;
use kernel::{
    bindings,
    prelude::*,
    types::{
        NotThreadSafe,
        Opaque, //
    }, //
};

/// A `seqlock_t`, which tells readers whether somebody wrote what its users agree upon.
///
/// To lockdep all of them are of one class.
#[pin_data]
pub struct SeqLock {
    #[pin]
    lock: Opaque<bindings::seqlock_t>,
}

// SAFETY: A `seqlock_t` may be used and go on any CPU.
unsafe impl Send for SeqLock {}
// SAFETY: That several CPUs use it is what it is for.
unsafe impl Sync for SeqLock {}

impl SeqLock {
    /// Makes one. Any context.
    pub fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            lock <- Opaque::ffi_init(|lock| {
                // SAFETY: The place is valid, and the lock stays there.
                unsafe { sys::rculab_seqlock_init(lock) };
            }),
        })
    }

    /// Returns what `read` does, unless somebody wrote meanwhile: `read_seqbegin()` and
    /// `read_seqretry()`.
    ///
    /// Waits for a writer that is at work: any context but NMI, and those that interrupt a writer.
    #[inline(always)]
    pub fn unless_written<T>(&self, read: impl FnOnce() -> T) -> Option<T> {
        // SAFETY: It is initialized, and pinned.
        let start = unsafe { sys::rculab_read_seqbegin(self.lock.get()) };
        let seen = read();
        // SAFETY: As above.
        let again = unsafe { sys::rculab_read_seqretry(self.lock.get(), start) };
        (!again).then_some(seen)
    }

    /// Takes it as a writer: `write_seqlock()`. Any context but NMI, if it is the only one in which
    /// it is taken. The holder must not sleep.
    #[inline]
    pub fn write(&self) -> Writer<'_> {
        // SAFETY: It is initialized, and pinned.
        unsafe { sys::rculab_write_seqlock(self.lock.get()) };
        // INVARIANT: Taken just now.
        Writer(self, NotThreadSafe)
    }
}

/// A lock that is held as a writer.
///
/// # Invariants
///
/// This task has taken the lock.
#[must_use = "the lock is given up as soon as this is dropped"]
pub struct Writer<'a>(&'a SeqLock, NotThreadSafe);

impl Drop for Writer<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the type invariants.
        unsafe { sys::rculab_write_sequnlock(self.0.lock.get()) };
    }
}
