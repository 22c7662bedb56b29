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
        preempt_off,
        HotplugGuard, //
    },
    kthread::ThisThread,
    module::keep_for_good,
    sys, //
};
use kernel::{
    bindings,
    cpu::CpuId,
    error::to_result,
    prelude::*, //
};

/// Returns whether a CPU's own timer is sure to be there when it is wanted back. Any context.
///
/// A timer that goes on in every idle state may be taken for broadcasts as soon as its CPU has a
/// better one, and is then not given back. In a virtual machine whose local APIC does stop it is
/// not; elsewhere nobody can tell.
pub fn can_stop() -> bool {
    // SAFETY: Only reads the features of the boot CPU.
    has_hypervisor() && !unsafe { sys::rculab_timers_may_broadcast() }
}

/// A CPU without a tick, and without hrtimers; they go on when this is dropped.
///
/// # Invariants
///
/// `device` was registered for `cpu` and is used by it, unless it was unbound and is null.
#[must_use = "the tick goes on as soon as this is dropped"]
pub struct TickOff {
    device: *mut bindings::clock_event_device,
    cpu: CpuId,
    /// A CPU that goes offline would drop the device.
    _online: HotplugGuard,
}

impl TickOff {
    /// Stops the tick of the CPU that this thread is bound to. Process context, sleeps.
    ///
    /// Fails with `ENODEV` if the thread is not bound (any more), and with `EBUSY` where
    /// [`can_stop`] says no or the CPU keeps its own timer.
    pub fn of_this_cpu(_this: &ThisThread) -> Result<Self> {
        if !can_stop() {
            return Err(EBUSY);
        }
        let online = cpus_read_lock();
        let cpu = CpuId::current();
        // SAFETY: `cpu` is a CPU.
        let device = unsafe { sys::rculab_silent_timer_alloc(cpu.as_u32()) };
        if device.is_null() {
            return Err(ENOMEM);
        }
        let registered = preempt_off(|| {
            let here = CpuId::current() == cpu;
            if here {
                // SAFETY: The device is whole, and stays until it is unbound. It counts in
                // nanoseconds, up to 2 s. The kernel offers it to the CPU that we are on, which is
                // its own.
                unsafe {
                    sys::clockevents_config_and_register(device, 1_000_000_000, 1, 0x7fff_ffff)
                };
            }
            here
        });
        if !registered {
            // SAFETY: Nobody else knows it.
            unsafe { sys::rculab_silent_timer_free(device) };
            return Err(ENODEV);
        }
        // INVARIANT: It was registered just now; whether it is used is seen below, and if not it is
        // unbound by the drop.
        let off = Self {
            device,
            cpu,
            _online: online,
        };
        // SAFETY: `device` is registered, and so valid.
        if unsafe { sys::rculab_silent_timer_is_used(device) } {
            Ok(off)
        } else {
            Err(EBUSY)
        }
    }

    /// Gives the CPU its own timer back. Process context, sleeps, and interrupts the CPU.
    ///
    /// If the kernel does not take the silent one back, it and this module stay for good.
    pub fn put_back(mut self) -> Result {
        self.unbind()
    }

    fn unbind(&mut self) -> Result {
        if self.device.is_null() {
            return Ok(());
        }
        // SAFETY: By the type invariants the device was registered for this CPU, and has not been
        // unbound. The CPU has not gone offline since.
        let result = to_result(unsafe {
            sys::clockevents_unbind_device(self.device, self.cpu.as_u32() as c_int)
        });
        match result {
            // SAFETY: The kernel has forgotten it.
            Ok(()) => unsafe { sys::rculab_silent_timer_free(self.device) },
            // It points to functions of ours.
            Err(_) => keep_for_good(),
        }
        // INVARIANT: It was unbound, or is nobody's to unbind.
        self.device = core::ptr::null_mut();
        result
    }
}

impl Drop for TickOff {
    fn drop(&mut self) {
        // Who wants to know calls `put_back`; for others there is nobody to tell.
        let _ = self.unbind();
    }
}
