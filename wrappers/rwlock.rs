// SPDX-License-Identifier: GPL-2.0

//! Spinning locks that readers share.
//!
//! C header: [`include/linux/rwlock.h`](srctree/include/linux/rwlock.h)

use crate::sys;
use kernel::{
    bindings,
    prelude::*,
    types::{
        NotThreadSafe,
        Opaque, //
    }, //
};

/// An `rwlock_t`, which protects what its users agree upon.
///
/// To lockdep all of them are of one class.
#[pin_data]
pub struct RwLock {
    #[pin]
    lock: Opaque<bindings::rwlock_t>,
}

// SAFETY: An `rwlock_t` may be used and go on any CPU.
unsafe impl Send for RwLock {}
// SAFETY: That several CPUs use it is what it is for.
unsafe impl Sync for RwLock {}

impl RwLock {
    /// Makes one. Any context.
    pub fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            lock <- Opaque::ffi_init(|lock| {
                // SAFETY: The place is valid, and the lock stays there.
                unsafe { sys::rculab_rwlock_init(lock) };
            }),
        })
    }

    /// Takes it with other readers: `read_lock()`. Any context but NMI, and it is taken with
    /// interrupts off elsewhere if it is taken in an interrupt. The holder must not sleep.
    #[inline]
    pub fn read(&self) -> Shared<'_> {
        // SAFETY: It is initialized, and pinned.
        unsafe { sys::rculab_read_lock(self.lock.get()) };
        // INVARIANT: Taken just now.
        Shared(self, NotThreadSafe)
    }

    /// Takes it alone: `write_lock()`. As [`RwLock::read`].
    #[inline]
    pub fn write(&self) -> Exclusive<'_> {
        // SAFETY: It is initialized, and pinned.
        unsafe { sys::rculab_write_lock(self.lock.get()) };
        // INVARIANT: Taken just now.
        Exclusive(self, NotThreadSafe)
    }
}

/// A lock that is held with other readers.
///
/// # Invariants
///
/// This task has taken the lock for reading, once for this value.
#[must_use = "the lock is given up as soon as this is dropped"]
pub struct Shared<'a>(&'a RwLock, NotThreadSafe);

impl Drop for Shared<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the type invariants.
        unsafe { sys::rculab_read_unlock(self.0.lock.get()) };
    }
}

/// A lock that is held alone.
///
/// # Invariants
///
/// This task has taken the lock for writing.
#[must_use = "the lock is given up as soon as this is dropped"]
pub struct Exclusive<'a>(&'a RwLock, NotThreadSafe);

impl Drop for Exclusive<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the type invariants.
        unsafe { sys::rculab_write_unlock(self.0.lock.get()) };
    }
}
