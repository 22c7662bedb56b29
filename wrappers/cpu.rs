// SPDX-License-Identifier: GPL-2.0

//! CPUs: which are online, what context this one is in, and sections that switch things off.
//!
//! C headers: [`include/linux/cpu.h`](srctree/include/linux/cpu.h),
//! [`include/linux/preempt.h`](srctree/include/linux/preempt.h),
//! [`include/linux/irqflags.h`](srctree/include/linux/irqflags.h)

use crate::sys;
use kernel::{
    bindings,
    cpu::{
        nr_cpu_ids,
        CpuId, //
    },
    cpumask::Cpumask,
    error::to_result,
    prelude::*,
    task::Task,
    types::NotThreadSafe, //
};

/// Evidence that no CPU goes online or offline: `cpus_read_lock()`.
///
/// # Invariants
///
/// The current task holds the CPU hotplug lock for reading.
#[must_use = "CPUs may come and go again as soon as this is dropped"]
pub struct HotplugGuard(NotThreadSafe);

/// Keeps CPUs from going online or offline. Process context, sleeps.
#[inline]
pub fn cpus_read_lock() -> HotplugGuard {
    // SAFETY: May be called in any process context.
    unsafe { sys::rculab_cpus_read_lock() };
    // INVARIANT: The lock was just taken, and the type being `!Send`, stays with this task.
    HotplugGuard(NotThreadSafe)
}

impl HotplugGuard {
    /// Returns whether `cpu` is online.
    #[inline]
    pub fn is_online(&self, cpu: CpuId) -> bool {
        online_mask().test(cpu)
    }

    /// Iterates over the CPUs that are online, in ascending order.
    pub fn online(&self) -> impl DoubleEndedIterator<Item = CpuId> + '_ {
        (0..nr_cpu_ids())
            .filter_map(CpuId::from_u32)
            .filter(|cpu| self.is_online(*cpu))
    }
}

impl Drop for HotplugGuard {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the type invariants this task holds the lock.
        unsafe { sys::rculab_cpus_read_unlock() };
    }
}

/// Returns whether the CPU `cpu` is online at this moment. Any context.
pub fn is_online_now(cpu: u32) -> bool {
    CpuId::from_u32(cpu).is_some_and(|cpu| online_mask().test(cpu))
}

/// Returns whether `cpu` may run a task without a tick, and leaves timers to other CPUs:
/// `tick_nohz_full_cpu()`. Any context.
pub fn is_nohz_full(cpu: CpuId) -> bool {
    // SAFETY: `cpu` is a CPU, and the mask lives as long as the kernel.
    unsafe { sys::rculab_tick_nohz_full_cpu(cpu.as_u32()) }
}

fn online_mask() -> &'static Cpumask {
    // SAFETY: The mask lives as long as the kernel, and is only changed bit by bit, atomically.
    unsafe { Cpumask::from_raw(&raw const bindings::__cpu_online_mask) }
}

/// Runs `f` with preemption off on this CPU. `f` must not sleep.
#[inline]
pub fn preempt_off<T>(f: impl FnOnce() -> T) -> T {
    // SAFETY: May be called in any context; what it switches off is switched on again below.
    unsafe { sys::rculab_preempt_disable() };
    let ret = f();
    // SAFETY: Undoes the call above.
    unsafe { sys::rculab_preempt_enable() };
    ret
}

/// Runs `f` with softirqs off on this CPU. Process or softirq context; `f` must not sleep.
#[inline]
pub fn bh_off<T>(f: impl FnOnce() -> T) -> T {
    // SAFETY: May be called outside of hardirqs; what it switches off is switched on again below.
    unsafe { sys::rculab_local_bh_disable() };
    let ret = f();
    // SAFETY: Undoes the call above.
    unsafe { sys::rculab_local_bh_enable() };
    ret
}

/// Runs `f` with interrupts off on this CPU. Any context; `f` must not sleep.
#[inline]
pub fn irqs_off<T>(f: impl FnOnce() -> T) -> T {
    // SAFETY: May be called in any context; what it switches off is switched on again below.
    let flags = unsafe { sys::rculab_local_irq_save() };
    let ret = f();
    // SAFETY: `flags` are what the call above returned on this CPU, which with interrupts off the
    // current task has not left.
    unsafe { sys::rculab_local_irq_restore(flags) };
    ret
}

/// What the CPU is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Context {
    /// Running the task of this PID.
    Task(i32),
    /// Serving a softirq on this CPU.
    Softirq(u32),
    /// Serving a hardware interrupt on this CPU.
    Hardirq(u32),
    /// Serving a non-maskable interrupt on this CPU.
    Nmi(u32),
}

impl Context {
    /// Returns the context of the caller. Any context, NMI too.
    pub fn current() -> Self {
        let cpu = CpuId::current().as_u32();
        // SAFETY: These only read the preemption count.
        let (nmi, hardirq, softirq) = unsafe {
            (
                sys::rculab_in_nmi(),
                sys::rculab_in_hardirq(),
                sys::rculab_in_serving_softirq(),
            )
        };
        if nmi {
            Self::Nmi(cpu)
        } else if hardirq {
            Self::Hardirq(cpu)
        } else if softirq {
            Self::Softirq(cpu)
        } else {
            // SAFETY: The current task is valid as long as it runs, and its PID never changes.
            Self::Task(unsafe { (*Task::current_raw()).pid })
        }
    }
}

/// Stops this CPU until it takes an interrupt, which with interrupts off is an NMI alone.
///
/// Any context. On architectures other than x86 it returns at once.
#[inline]
pub fn halt() {
    // SAFETY: May be called in any context.
    unsafe { sys::rculab_halt() };
}

/// Returns whether the kernel runs in a virtual machine.
///
/// On architectures without a bit that says so, returns `false`.
#[inline]
pub fn has_hypervisor() -> bool {
    // SAFETY: Only reads the features of the boot CPU.
    unsafe { sys::rculab_has_hypervisor() }
}

/// Interrupts `cpu` and waits until it has answered: `smp_call_function_single()`.
///
/// Process context, with interrupts on; does not sleep, and spins as long as `cpu` takes no
/// interrupt. Fails with `ENXIO` when `cpu` is offline.
#[allow(
    clippy::useless_conversion,
    reason = "whether to wait is a number in 7.2, and a truth value in 7.3"
)]
pub fn ping(cpu: CpuId) -> Result {
    // SAFETY: `answer` does nothing, whatever it is called with.
    to_result(unsafe {
        bindings::smp_call_function_single(
            cpu.as_u32() as c_int,
            Some(answer),
            core::ptr::null_mut(),
            true.into(),
        )
    })
}

/// What [`ping`] has another CPU run.
///
/// # Safety
///
/// None: it only has the type of such functions.
unsafe extern "C" fn answer(_: *mut c_void) {}

/// Returns the kernel's release, as `uname -r` shows it in the first namespace.
pub fn kernel_release() -> &'static str {
    // SAFETY: The text lives as long as the kernel, ends in a NUL, and is not changed after boot.
    let release = unsafe { CStr::from_char_ptr(sys::rculab_kernel_release()) };
    release.to_str().unwrap_or_default()
}
