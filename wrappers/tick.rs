// SPDX-License-Identifier: GPL-2.0

//! Keeping the scheduling-clock tick of a CPU from arriving.
//!
//! The tick itself belongs to the kernel, but any module may register a better timer for a CPU than
//! the one it has, and take it back: here one that never fires, so that neither the tick nor any
//! hrtimer of that CPU does.
//!
//! C header: [`include/linux/clockchips.h`](srctree/include/linux/clockchips.h)

use crate::{
    cpu::{
        cpus_read_lock,
        has_hypervisor,
        preempt_off, //
    },
    kthread::ThisThread,
    sys, //
};
use kernel::{
    bindings,
    cpu::CpuId,
    error::to_result,
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

/// Returns whether a CPU's own timer is sure to be there when it is wanted back. Any context.
///
/// A timer that goes on in every idle state may be taken for broadcasts as soon as its CPU has a
/// better one, and is then not given back. In a virtual machine whose local APIC does stop it is
/// not; elsewhere nobody can tell. (Nor where a hypervisor has a timer of its own for its guests: of
/// those a CPU may then come back with another one.)
pub fn can_stop() -> bool {
    // SAFETY: Only reads the features of the boot CPU.
    has_hypervisor() && !unsafe { sys::rculab_timers_may_broadcast() }
}

/// Does `work` while the CPU that this thread is bound to has no tick, and no hrtimers.
///
/// The CPU cannot go offline meanwhile: it would drop the timer. Process context, sleeps, and
/// interrupts the CPU; `work` may do what the thread may. It comes back once the kernel has given
/// the timer back, which points to functions of this module.
///
/// Fails, without having done anything, with `ENODEV` if the thread is not bound (any more), and
/// with `EBUSY` where [`can_stop`] says no or the CPU keeps its own timer.
pub fn without_tick(_this: &ThisThread, work: impl FnOnce()) -> Result {
    if !can_stop() {
        return Err(EBUSY);
    }
    let _online = cpus_read_lock();
    let cpu = CpuId::current();
    // SAFETY: `cpu` is a CPU.
    let device = unsafe { sys::rculab_silent_timer_alloc(cpu.as_u32()) };
    if device.is_null() {
        return Err(ENOMEM);
    }
    let registered = preempt_off(|| {
        let here = CpuId::current() == cpu;
        if here {
            // SAFETY: The device is whole, and stays until it is unbound. It counts in nanoseconds,
            // up to 2 s. The kernel offers it to the CPU that we are on, which is its own.
            unsafe { sys::clockevents_config_and_register(device, 1_000_000_000, 1, 0x7fff_ffff) };
        }
        here
    });
    // SAFETY: `device` is valid; it is freed below.
    let used = registered && unsafe { sys::rculab_silent_timer_is_used(device) };
    if used {
        work();
    }
    if registered {
        // SAFETY: It was registered for this CPU, and nobody else unbinds it. The CPU has not gone
        // offline since.
        unsafe { unbind(device, cpu) };
    }
    // SAFETY: The kernel does not know it, or has forgotten it.
    unsafe { sys::rculab_silent_timer_free(device) };
    match (registered, used) {
        (_, true) => Ok(()),
        (true, false) => Err(EBUSY),
        (false, _) => Err(ENODEV),
    }
}

/// Takes the device back from the kernel, however long that needs: it points to functions of this
/// module, which may be on its way out.
///
/// # Safety
///
/// `device` was registered for `cpu`, which has not gone offline since.
unsafe fn unbind(device: *mut bindings::clock_event_device, cpu: CpuId) {
    // SAFETY: By the caller.
    while to_result(unsafe { sys::clockevents_unbind_device(device, cpu.as_u32() as c_int) })
        .is_err()
    {
        fsleep(Delta::from_millis(100));
    }
}
