// SPDX-License-Identifier: GPL-2.0

//! This module, as the module loader knows it.
//!
//! C header: [`include/linux/module.h`](srctree/include/linux/module.h)

use core::borrow::Borrow;
use kernel::{
    bindings,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
    types::Opaque,
    ThisModule, //
};

#[allow(
    improper_ctypes,
    reason = "a module holds lockdep's keys, which are empty where lockdep is off"
)]
extern "C" {
    static __this_module: Opaque<bindings::module>;
}

/// This module, as the kernel crate has it. (Where `module!` puts its own differs from one series to
/// the next.)
// SAFETY: The loader made it, and it outlives its code.
pub static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(__this_module.get()) };

/// Whether the loader is done, once it was.
static LOADED: Atomic<bool> = Atomic::new(false);

/// Returns whether the loader is done with this module: it is live, and its init code and data are
/// on their way out. Any context.
pub fn is_loaded() -> bool {
    // SAFETY: The module outlives its code. The loader writes these aligned words while they are
    // read, and every value of them is valid.
    let (state, init_size) = unsafe {
        let module = __this_module.get();
        let init = bindings::mod_mem_type_MOD_INIT_TEXT as usize;
        (
            (&raw const (*module).state).read_volatile(),
            (&raw const (*module).mem[init].size).read_volatile(),
        )
    };
    state == bindings::module_state_MODULE_STATE_LIVE && init_size == 0
}

/// Waits until the loader has freed this module's init code, which interrupts every CPU. Process
/// context, sleeps by calling `sleep`, which may say that it is enough.
///
/// The loader frees it after a grace period, in a worker that nobody else can wait for: hence two
/// grace periods, of which the second begins after the worker has begun to wait, and a moment for
/// the rest. Returns whether it was waited for.
pub fn wait_until_loaded(mut sleep: impl FnMut() -> bool) -> bool {
    if LOADED.load(Relaxed) {
        return true;
    }
    while !is_loaded() {
        if sleep() {
            return false;
        }
    }
    // SAFETY: May be called in any process context.
    unsafe {
        bindings::synchronize_rcu();
        bindings::synchronize_rcu();
    }
    if sleep() {
        return false;
    }
    LOADED.store(true, Relaxed);
    true
}

/// Returns a parameter's value, which is a reference in some series, and a copy in others.
pub fn parameter<T: Copy>(value: impl Borrow<T>) -> T {
    *value.borrow()
}
