// SPDX-License-Identifier: GPL-2.0

//! Listening to what the kernel prints.
//!
//! Every `printk()` passes its text to the `console` tracepoint when it is stored, long before a
//! console shows it, and in whatever context it was called.
//!
//! C headers: [`include/trace/events/printk.h`](srctree/include/trace/events/printk.h),
//! [`include/linux/tracepoint.h`](srctree/include/linux/tracepoint.h)

use crate::sys;
use core::{
    ptr::NonNull,
    slice, //
};
use kernel::{
    bindings,
    error::to_result,
    prelude::*,
    sync::Arc, //
};

/// Receives what the kernel prints.
pub trait Listener: Send + Sync + 'static {
    /// Called with the text of one `printk()`: no level, no time, no newline at its end.
    ///
    /// A line that the kernel prints with `pr_cont()` comes in pieces, one call each.
    ///
    /// Runs in any context, NMI too, on several CPUs at once, and under locks of whoever prints:
    /// must not sleep, allocate, take locks or print.
    fn heard(&self, text: &[u8]);
}

/// A [`Listener`] that is attached to the `console` tracepoint until this is dropped.
///
/// As with every registration of the kernel crate, a module that leaks this value must not be
/// unloaded.
///
/// # Invariants
///
/// - `tracepoint` is the `console` tracepoint of this kernel.
/// - `heard::<L>` is registered with it, with the address of `*listener` as its data.
pub struct Tap<L: Listener> {
    tracepoint: NonNull<bindings::tracepoint>,
    listener: Arc<L>,
}

// SAFETY: The tracepoint may be unregistered from by any task, and `Arc<L>` is `Send` and `Sync` as
// `L` is both.
unsafe impl<L: Listener> Send for Tap<L> {}

// SAFETY: As above; shared references give away `&L` only, which is `Sync`.
unsafe impl<L: Listener> Sync for Tap<L> {}

impl<L: Listener> Tap<L> {
    /// Attaches `listener`. Process context, sleeps.
    ///
    /// Fails with `ENOENT` on a kernel that has no `console` tracepoint.
    pub fn new(listener: Arc<L>) -> Result<Self> {
        let mut found: Option<NonNull<bindings::tracepoint>> = None;
        // SAFETY: `is_console` takes what `found` points to, which outlives the call.
        unsafe {
            bindings::for_each_kernel_tracepoint(Some(is_console), (&raw mut found).cast());
        }
        let tracepoint = found.ok_or(ENOENT)?;

        // SAFETY: The tracepoint is part of the kernel image, `heard::<L>` has the signature of its
        // probes, and its data stays valid until `drop` has unregistered it.
        to_result(unsafe {
            bindings::tracepoint_probe_register(
                tracepoint.as_ptr(),
                heard::<L> as *mut c_void,
                Arc::as_ptr(&listener).cast_mut().cast(),
            )
        })?;

        // INVARIANT: Found by name and registered just above.
        Ok(Self {
            tracepoint,
            listener,
        })
    }

    /// Returns the listener.
    #[inline]
    pub fn listener(&self) -> &Arc<L> {
        &self.listener
    }
}

impl<L: Listener> Drop for Tap<L> {
    fn drop(&mut self) {
        // SAFETY: By the type invariants this very probe is registered. When the second call has
        // returned no probe runs any more, so that the listener and this code may go.
        unsafe {
            bindings::tracepoint_probe_unregister(
                self.tracepoint.as_ptr(),
                heard::<L> as *mut c_void,
                Arc::as_ptr(&self.listener).cast_mut().cast(),
            );
            sys::rculab_tracepoint_synchronize_unregister();
        }
    }
}

/// Remembers `tp` if it is the `console` tracepoint.
///
/// # Safety
///
/// `found` must point to an `Option<NonNull<bindings::tracepoint>>` that is valid for writes, and
/// `tp` to a tracepoint.
unsafe extern "C" fn is_console(tp: *mut bindings::tracepoint, found: *mut c_void) {
    // SAFETY: A tracepoint has a name, which ends in a NUL.
    let name = unsafe { CStr::from_char_ptr((*tp).name) };
    if name.to_bytes() == b"console" {
        // SAFETY: By the safety requirements of this function.
        unsafe { *found.cast() = NonNull::new(tp) };
    }
}

/// The probe of the `console` tracepoint.
///
/// # Safety
///
/// `listener` must point to a live `L`, and `text` to `len` readable bytes.
unsafe extern "C" fn heard<L: Listener>(listener: *mut c_void, text: *const c_char, len: usize) {
    // SAFETY: By the safety requirements of this function.
    let (listener, text) = unsafe {
        (
            &*listener.cast::<L>(),
            slice::from_raw_parts(text.cast::<u8>(), len),
        )
    };
    listener.heard(text);
}
