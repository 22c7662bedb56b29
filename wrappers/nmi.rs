// SPDX-License-Identifier: GPL-2.0

//! Running code in a non-maskable interrupt.
//!
//! C header: [`arch/x86/include/asm/nmi.h`](srctree/arch/x86/include/asm/nmi.h)

use crate::sys;
use kernel::{
    error::to_result,
    ffi::c_void,
    prelude::*, //
};

/// The right to run code in NMIs.
///
/// # Invariants
///
/// This module's handler is registered.
pub struct Nmi(());

impl Nmi {
    /// Registers this module's handler, unless it is already. Process context, sleeps.
    ///
    /// `EOPNOTSUPP` on architectures on which a module cannot.
    pub fn new() -> Result<Self> {
        // SAFETY: Process context.
        to_result(unsafe { sys::rculab_nmi_get() })?;
        // INVARIANT: It was registered, and counts this value as a user.
        Ok(Self(()))
    }

    /// Runs `f` once in an NMI on this CPU, and returns when it has run. `f` must not sleep or take
    /// a lock.
    ///
    /// Any context. `f` runs if and only if this succeeds. `EBUSY` in an NMI, hence also in an `f`,
    /// and while an earlier call's NMI is still to come on this CPU; `ETIME` if the NMI does not
    /// come within some time: should it come later, it does nothing.
    pub fn run<F: FnMut()>(&self, mut f: F) -> Result {
        // SAFETY: By the type invariants the handler is registered. It calls the function, which
        // fits `f`, before this call returns, or never; meanwhile nobody else touches `f`.
        to_result(unsafe { sys::rculab_nmi_run(call::<F>, (&raw mut f).cast()) })
    }
}

/// Calls what `f` points at.
///
/// # Safety
///
/// `f` points at an `F` that is nobody else's.
unsafe extern "C" fn call<F: FnMut()>(f: *mut c_void) {
    // SAFETY: By the caller.
    unsafe { (*f.cast::<F>())() };
}

impl Drop for Nmi {
    fn drop(&mut self) {
        // SAFETY: By the type invariants this is one of the handler's users.
        unsafe { sys::rculab_nmi_put() };
    }
}
