// SPDX-License-Identifier: GPL-2.0

//! The domains of this module by name, for who shows their grace periods.

use crate::sys;
use core::ptr;
use kernel::{
    bindings,
    ffi::{
        c_char,
        c_ulong, //
    },
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Full,
        Relaxed,
        Release, //
    },
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

/// More domains than this are not listed.
const MOST: usize = 32;

/// A place for a domain.
///
/// # Invariants
///
/// - `name` is null, or a string that lives for ever.
/// - While `domain` is not null, or `readers` is not 0 since before it was set to null, it points, or
///   pointed, to a domain that is initialized.
struct Slot {
    domain: Atomic<*mut bindings::srcu_struct>,
    name: Atomic<*mut c_char>,
    /// Who might be looking at the domain at this moment.
    readers: Atomic<i32>,
}

static SLOTS: [Slot; MOST] = [const {
    Slot {
        domain: Atomic::new(ptr::null_mut()),
        name: Atomic::new(ptr::null_mut()),
        readers: Atomic::new(0),
    }
}; MOST];

/// The domain of a slot that is taken, and not named yet.
fn reserved() -> *mut bindings::srcu_struct {
    ptr::without_provenance_mut(1)
}

/// Lists a domain that was just initialized. Any context.
///
/// # Safety
///
/// `domain` stays initialized until it was given to [`remove`].
pub(super) unsafe fn add(domain: *mut bindings::srcu_struct, name: &'static CStr) {
    for slot in &SLOTS {
        if slot
            .domain
            .cmpxchg(ptr::null_mut(), reserved(), Acquire)
            .is_ok()
        {
            slot.name.store(name.as_char_ptr().cast_mut(), Relaxed);
            // INVARIANT: By the caller the domain is initialized as long as it is here.
            slot.domain.store(domain, Release);
            return;
        }
    }
}

/// Takes a domain off the list, and waits until nobody looks at it. Process context, sleeps.
pub(super) fn remove(domain: *mut bindings::srcu_struct) {
    for slot in &SLOTS {
        // Whoever counts himself a reader after this finds no domain.
        if slot.domain.cmpxchg(domain, ptr::null_mut(), Full).is_ok() {
            while slot.readers.load(Acquire) != 0 {
                fsleep(Delta::from_millis(1));
            }
            return;
        }
    }
}

/// A domain at one moment.
///
/// # Examples
///
/// ```
/// # use rcu::srcu::Seen;
/// fn is_idle(domain: &Seen) -> bool {
///     domain.seq & 3 == 0 && domain.readers == 0
/// }
///
/// assert!(is_idle(&Seen { name: c"routes", seq: 4, readers: 0 }));
/// ```
pub struct Seen {
    /// Its name.
    pub name: &'static CStr,
    /// The sequence number of its grace periods. The two low bits are the state: 0 is idle.
    pub seq: c_ulong,
    /// How many read in it.
    pub readers: c_ulong,
}

/// Calls `show` with each domain of this module whose name is known. Process context.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// let domain = KBox::pin_init(rcu::new_srcu!("routes"), GFP_KERNEL)?;
/// let guard = domain.read_lock();
/// let mut listed = false;
/// rcu::srcu::domains(|domain| {
///     pr_info!("{}: {} read\n", domain.name, domain.readers);
///     listed |= domain.name == c"routes" && domain.readers == 1;
///     Ok::<(), Error>(())
/// })?;
/// assert!(listed);
/// drop(guard);
/// # Ok::<(), Error>(())
/// ```
pub fn domains<E>(mut show: impl FnMut(Seen) -> Result<(), E>) -> Result<(), E> {
    for slot in &SLOTS {
        // Ordered before the load: either that finds null, or `remove` finds the reader.
        slot.readers.fetch_add(1, Full);
        let domain = slot.domain.load(Acquire);
        let seen = (!domain.is_null() && domain != reserved()).then(|| {
            // SAFETY: By the type invariants the domain is initialized: `remove` waits for us.
            let seq = unsafe { sys::srcu_gp_seq(domain) };
            Seen {
                // SAFETY: By the type invariants, of a slot that has a domain.
                name: unsafe { CStr::from_char_ptr(slot.name.load(Relaxed)) },
                seq,
                // SAFETY: As for the number.
                readers: unsafe { sys::rculab_srcu_readers(domain) },
            }
        });
        slot.readers.fetch_sub(1, Release);
        if let Some(seen) = seen {
            show(seen)?;
        }
    }
    Ok(())
}
