// SPDX-License-Identifier: GPL-2.0

//! The FFI that the `bindings` crate does not have.

use kernel::{
    bindings,
    ffi::{
        c_int,
        c_ulong, //
    }, //
};

// These stand in `helpers/wrappers.c`.
#[allow(
    improper_ctypes,
    reason = "a task holds lockdep's keys, which are empty where lockdep is off"
)]
extern "C" {
    pub(crate) fn rculab_preempt_disable();
    pub(crate) fn rculab_preempt_enable();
    pub(crate) fn rculab_local_irq_save() -> c_ulong;
    pub(crate) fn rculab_local_irq_restore(flags: c_ulong);
    pub(crate) fn rculab_in_nmi() -> bool;
    pub(crate) fn rculab_in_hardirq() -> bool;
    pub(crate) fn rculab_in_serving_softirq() -> bool;
    pub(crate) fn rculab_next_task(p: *mut bindings::task_struct) -> *mut bindings::task_struct;
    pub(crate) fn rculab_has_hypervisor() -> bool;
}

// These are exported, and prototyped in `kernel/rcu/rcu.h` only.
extern "C" {
    pub(crate) fn rcu_get_gp_seq() -> c_ulong;
    pub(crate) fn rcu_exp_batches_completed() -> c_ulong;
    pub(crate) fn rcu_jiffies_till_stall_check() -> c_int;
}

// This stands in `helpers/tracepoint.c`.
extern "C" {
    pub(crate) fn rculab_tracepoint_synchronize_unregister();
}

// This stands in `helpers/control.c`.
extern "C" {
    pub(crate) fn rculab_ratelimit() -> bool;
}
