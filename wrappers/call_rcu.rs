// SPDX-License-Identifier: GPL-2.0

//! Code that RCU calls back after a grace period.
//!
//! For objects that readers find there is the `rcu` crate; here the callback itself is the point.
//!
//! C header: [`include/linux/rcupdate.h`](srctree/include/linux/rcupdate.h)

use crate::task::find_kernel_thread;
use kernel::{
    bindings,
    cpu::CpuId,
    prelude::*,
    str::CString,
    sync::aref::ARef,
    task::Task,
    types::Opaque, //
};

/// What a callback is made of.
#[repr(C)]
struct Callback<F> {
    head: Opaque<bindings::callback_head>,
    f: F,
}

/// A callback that is queued. Dropping this waits until it has run: process context, sleeps.
///
/// As with every registration of the kernel crate, a module that leaks this value must not be
/// unloaded.
#[must_use = "dropping it waits for the callback"]
pub struct Queued(());

/// Queues `f` on this CPU, to be run in softirq context after a grace period: `call_rcu()`.
///
/// `f` must not sleep. Any context that `GFP_ATOMIC` allows.
pub fn call_rcu<F: FnOnce() + Send + 'static>(f: F) -> Result<Queued> {
    let callback = KBox::new(
        Callback {
            head: Opaque::uninit(),
            f,
        },
        GFP_ATOMIC,
    )?;
    let callback = KBox::into_raw(callback);
    // SAFETY: The head, at the start of the allocation, is given up to RCU, and `run::<F>` takes
    // what it is the start of. `Queued` keeps this code until then.
    unsafe { bindings::call_rcu(callback.cast(), Some(run::<F>)) };
    Ok(Queued(()))
}

impl Drop for Queued {
    fn drop(&mut self) {
        // SAFETY: May be called in any process context.
        unsafe { bindings::rcu_barrier() };
    }
}

/// Returns the kthread that runs the callbacks of `cpu` where that leaves them to one (`rcu_nocbs=`).
/// Process context, sleeps.
///
/// Fails with `ENOMEM`.
pub fn offloaded_to(cpu: CpuId) -> Result<Option<ARef<Task>>> {
    let kind = if cfg!(CONFIG_PREEMPT_RCU) { 'p' } else { 's' };
    let name = CString::try_from_fmt(fmt!("rcuo{kind}/{}", cpu.as_u32()))?;
    Ok(find_kernel_thread(&name))
}

/// The callback.
///
/// # Safety
///
/// `head` must begin a [`Callback`] whose ownership the caller gives up.
unsafe extern "C" fn run<F: FnOnce()>(head: *mut bindings::callback_head) {
    // SAFETY: By the caller.
    let callback = unsafe { KBox::from_raw(head.cast::<Callback<F>>()) };
    (KBox::into_inner(callback).f)();
}

const _: () = assert!(core::mem::offset_of!(Callback<fn()>, head) == 0);
