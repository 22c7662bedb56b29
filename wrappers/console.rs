// SPDX-License-Identifier: GPL-2.0

//! Listening to what the kernel prints, and having it print a lot.
//!
//! Every `printk()` passes its text to the `console` tracepoint when it is stored, long before a
//! console shows it, and in whatever context it was called.
//!
//! C header: [`include/trace/events/printk.h`](srctree/include/trace/events/printk.h)

use crate::{
    sys,
    tracepoint::{
        Attached,
        Event,
        Probe, //
    }, //
};
use core::slice;
use kernel::{
    prelude::*,
    sync::Arc, //
};

/// Has the kernel print a warning with the registers and the stack, some thirty lines: `WARN_ON()`. Any
/// context.
///
/// The kernel is tainted from then on, and panics if it was told to panic on a warning.
pub fn warn() {
    // SAFETY: May be called in any context.
    unsafe { sys::rculab_warn() };
}

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
pub struct Tap<L: Listener>(Attached<Ear<L>>);

impl<L: Listener> Tap<L> {
    /// Attaches `listener`. Process context, sleeps.
    ///
    /// Fails with `ENOENT` on a kernel that has no `console` tracepoint.
    pub fn new(listener: Arc<L>) -> Result<Self> {
        let mut attached = Attached::new(Arc::new(Ear(listener), GFP_KERNEL)?);
        attached.attach::<Console>()?;
        Ok(Self(attached))
    }

    /// Returns the listener.
    #[inline]
    pub fn listener(&self) -> &Arc<L> {
        &self.0.probe().0
    }
}

/// What stands between the tracepoint and a listener.
struct Ear<L>(Arc<L>);

impl<L: Listener> Probe<Console> for Ear<L> {
    fn hit(&self, text: &[u8]) {
        self.0.heard(text);
    }
}

/// The `console` tracepoint.
struct Console;

// SAFETY: `helpers/tracepoint.c` has the compiler check that the tracepoint passes this.
unsafe impl Event for Console {
    const NAME: &'static CStr = c"console";
    type Hit<'a> = &'a [u8];

    fn function<P: Probe<Self>>() -> *mut c_void {
        /// # Safety
        ///
        /// `probe` must point to a live `P`, and `text` to `len` readable bytes.
        unsafe extern "C" fn hit<P: Probe<Console>>(
            probe: *mut c_void,
            text: *const c_char,
            len: usize,
        ) {
            // SAFETY: By the safety requirements of this function.
            let (probe, text) = unsafe { (&*probe.cast::<P>(), slice::from_raw_parts(text, len)) };
            probe.hit(text);
        }

        hit::<P> as *mut c_void
    }
}
