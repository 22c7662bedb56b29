// SPDX-License-Identifier: GPL-2.0

//! Probes on the kernel's tracepoints.
//!
//! A tracepoint calls its probes with preemption disabled, from whatever context the kernel is in
//! at that place, under whatever locks it holds there.
//!
//! C header: [`include/linux/tracepoint.h`](srctree/include/linux/tracepoint.h)

pub mod rcu;

use crate::sys;
use core::ptr::NonNull;
use kernel::{
    bindings,
    error::to_result,
    prelude::*,
    sync::Arc, //
};

/// One of the kernel's tracepoints.
///
/// # Safety
///
/// The tracepoint called `NAME`, in every kernel that has it, passes its probes what the function
/// that `function` returns takes.
pub unsafe trait Event {
    /// The kernel's name for it.
    const NAME: &'static CStr;

    /// What a hit tells.
    type Hit<'a>;

    /// The C function that decodes a hit and hands it to a `P`, whose address is its first argument.
    #[doc(hidden)]
    fn function<P: Probe<Self>>() -> *mut c_void
    where
        Self: Sized;
}

/// Receives the hits of a tracepoint.
pub trait Probe<E: Event>: Send + Sync + 'static {
    /// Called for each hit, with preemption disabled.
    ///
    /// Runs in any context, NMI too if the tracepoint is hit there, on several CPUs at once, and
    /// under locks of whoever hits it: must not sleep, allocate, take locks or print.
    fn hit(&self, hit: E::Hit<'_>);
}

/// A probe that is attached to some tracepoints until this is dropped.
///
/// Dropping it waits until the probe is nowhere called any more: process context, sleeps.
///
/// As with every registration of the kernel crate, a module that leaks this value must not be
/// unloaded.
///
/// # Invariants
///
/// Each of `attached` is a tracepoint of the kernel image and a function that is registered with it,
/// with the address of `*probe` as its data.
pub struct Attached<P> {
    attached: KVec<(NonNull<bindings::tracepoint>, *mut c_void)>,
    probe: Arc<P>,
}

// SAFETY: Tracepoints may be unregistered from by any task, and `Arc<P>` is `Send` and `Sync` as `P`
// is both.
unsafe impl<P: Send + Sync> Send for Attached<P> {}

// SAFETY: As above; shared references give away `&P` only, which is `Sync`.
unsafe impl<P: Send + Sync> Sync for Attached<P> {}

impl<P: Send + Sync + 'static> Attached<P> {
    /// A probe that is attached to nothing yet.
    pub fn new(probe: Arc<P>) -> Self {
        // INVARIANT: There are none.
        Self {
            attached: KVec::new(),
            probe,
        }
    }

    /// Attaches the probe to a tracepoint. Process context, sleeps.
    ///
    /// Fails with `ENOENT` on a kernel that does not have it, with `EEXIST` and a warning of the
    /// kernel if the probe is attached to it already.
    pub fn attach<E: Event>(&mut self) -> Result
    where
        P: Probe<E>,
    {
        let tracepoint = find(E::NAME).ok_or(ENOENT)?;
        let function = E::function::<P>();
        self.attached.reserve(1, GFP_KERNEL)?;
        // SAFETY: The tracepoint is part of the kernel image. By the safety requirements of `Event`
        // the function has the signature of its probes, and its data stays valid until `drop` has
        // unregistered it.
        to_result(unsafe {
            bindings::tracepoint_probe_register(tracepoint.as_ptr(), function, self.data())
        })?;
        // INVARIANT: Registered just above. There is room for it.
        self.attached.push((tracepoint, function), GFP_KERNEL)?;
        Ok(())
    }

    /// Returns the probe.
    #[inline]
    pub fn probe(&self) -> &Arc<P> {
        &self.probe
    }
}

impl<P> Attached<P> {
    fn data(&self) -> *mut c_void {
        Arc::as_ptr(&self.probe).cast_mut().cast()
    }
}

impl<P> Drop for Attached<P> {
    fn drop(&mut self) {
        for (tracepoint, function) in &self.attached {
            // SAFETY: By the type invariants this very function is registered.
            unsafe {
                bindings::tracepoint_probe_unregister(tracepoint.as_ptr(), *function, self.data());
            }
        }
        // SAFETY: Process context. When this has returned nobody calls the probe any more, so that
        // it and this module's code may go.
        unsafe { sys::rculab_tracepoint_synchronize_unregister() };
    }
}

/// Returns whether this kernel has the tracepoint.
pub fn exists<E: Event>() -> bool {
    find(E::NAME).is_some()
}

/// Finds a tracepoint of the kernel image.
fn find(name: &CStr) -> Option<NonNull<bindings::tracepoint>> {
    let mut search = Search { name, found: None };
    // SAFETY: `Search::look` takes what `search` is, which outlives the call.
    unsafe {
        bindings::for_each_kernel_tracepoint(Some(Search::look), (&raw mut search).cast());
    }
    search.found
}

struct Search<'a> {
    name: &'a CStr,
    found: Option<NonNull<bindings::tracepoint>>,
}

impl Search<'_> {
    /// # Safety
    ///
    /// `search` must point to a `Search` that is valid for writes, and `tracepoint` to a tracepoint.
    unsafe extern "C" fn look(tracepoint: *mut bindings::tracepoint, search: *mut c_void) {
        // SAFETY: By the safety requirements of this function.
        let search = unsafe { &mut *search.cast::<Self>() };
        // SAFETY: A tracepoint has a name, which ends in a NUL.
        if unsafe { CStr::from_char_ptr((*tracepoint).name) } == search.name {
            search.found = NonNull::new(tracepoint);
        }
    }
}
