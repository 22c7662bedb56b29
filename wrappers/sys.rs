// SPDX-License-Identifier: GPL-2.0

//! The FFI that the `bindings` crate does not have.

use kernel::{
    bindings,
    ffi::{
        c_char,
        c_int,
        c_uint,
        c_ulong,
        c_void, //
    },
    types::Opaque, //
};

// These stand in `helpers/wrappers.c`.
#[allow(
    improper_ctypes,
    reason = "a task holds lockdep's keys, which are empty where lockdep is off"
)]
extern "C" {
    pub(crate) fn rculab_cpus_read_lock();
    pub(crate) fn rculab_cpus_read_unlock();
    pub(crate) fn rculab_preempt_disable();
    pub(crate) fn rculab_preempt_enable();
    pub(crate) fn rculab_local_bh_disable();
    pub(crate) fn rculab_local_bh_enable();
    pub(crate) fn rculab_local_irq_save() -> c_ulong;
    pub(crate) fn rculab_local_irq_restore(flags: c_ulong);
    pub(crate) fn rculab_halt();
    pub(crate) fn rculab_in_nmi() -> bool;
    pub(crate) fn rculab_in_hardirq() -> bool;
    pub(crate) fn rculab_in_serving_softirq() -> bool;
    pub(crate) fn rculab_next_task(p: *mut bindings::task_struct) -> *mut bindings::task_struct;
    pub(crate) fn rculab_has_hypervisor() -> bool;
    pub(crate) fn rculab_tick_nohz_full_cpu(cpu: u32) -> bool;
    pub(crate) fn rculab_timers_may_broadcast() -> bool;
    pub(crate) fn rculab_warn();
    pub(crate) fn rculab_get_cycles() -> u64;
    pub(crate) fn rculab_tasklet_schedule(t: *mut bindings::tasklet_struct);
    pub(crate) fn rculab_kernel_release() -> *const c_char;
}

// These are exported, and prototyped in `kernel/rcu/rcu.h` only.
#[cfg(not(CONFIG_TINY_RCU))]
extern "C" {
    pub(crate) fn rcu_get_gp_seq() -> c_ulong;
    pub(crate) fn rcu_exp_batches_completed() -> c_ulong;
    pub(crate) fn rcu_jiffies_till_stall_check() -> c_int;
    pub(crate) fn rcu_exp_jiffies_till_stall_check() -> c_int;
    pub(crate) fn rcu_gp_set_torture_wait(duration: c_int);
    pub(crate) fn show_rcu_gp_kthreads();
    pub(crate) fn rcutorture_get_gp_data(flags: *mut c_int, gp_seq: *mut c_ulong);
    pub(crate) fn rcutorture_gather_gp_seqs() -> u64;
    pub(crate) fn rcutorture_format_gp_seqs(seqs: u64, cp: *mut c_char, len: usize);
    #[cfg(CONFIG_TASKS_TRACE_RCU)]
    pub(crate) fn srcutorture_get_gp_data(
        ssp: *mut c_void,
        flags: *mut c_int,
        gp_seq: *mut c_ulong,
    );
}

// These stand in `helpers/tree.c`.
#[cfg(not(CONFIG_TINY_RCU))]
extern "C" {
    pub(crate) fn rculab_rcu_fanout() -> u32;
    pub(crate) fn rculab_rcu_fanout_leaf() -> u32;
    pub(crate) fn rculab_rcu_num_lvls() -> u32;
    pub(crate) fn rculab_num_rcu_nodes() -> u32;
}

// These stand in `helpers/tiny.c`.
#[cfg(CONFIG_TINY_RCU)]
extern "C" {
    pub(crate) fn rculab_rcu_jiffies_till_stall_check() -> c_int;
    #[cfg(CONFIG_TASKS_TRACE_RCU)]
    pub(crate) fn rculab_srcu_gp_seq(ssp: *mut c_void) -> c_ulong;
}

// These are exported, and prototyped in `kernel/rcu/rcu.h` only.
extern "C" {
    #[cfg(CONFIG_TASKS_RCU)]
    pub(crate) fn rcu_tasks_get_gp_data(flags: *mut c_int, gp_seq: *mut c_ulong);
    #[cfg(CONFIG_TASKS_RUDE_RCU)]
    pub(crate) fn rcu_tasks_rude_get_gp_data(flags: *mut c_int, gp_seq: *mut c_ulong);
    // In `helpers/rcu.c`.
    #[cfg(CONFIG_TASKS_TRACE_RCU)]
    pub(crate) fn rculab_srcu_readers(ssp: *mut c_void) -> c_ulong;
    // Only its address is of use.
    #[cfg(CONFIG_TASKS_TRACE_RCU)]
    pub(crate) static rcu_tasks_trace_srcu_struct: Opaque<u8>;
}

// These stand in `helpers/locks.c`, the first two in `helpers/lock_classes.c`.
#[allow(
    improper_ctypes,
    reason = "locks hold what lockdep knows of them, which is empty where lockdep is off"
)]
extern "C" {
    pub(crate) fn rculab_rwlock_init(lock: *mut bindings::rwlock_t);
    pub(crate) fn rculab_seqlock_init(lock: *mut bindings::seqlock_t);
    pub(crate) fn rculab_read_lock(lock: *mut bindings::rwlock_t);
    pub(crate) fn rculab_read_unlock(lock: *mut bindings::rwlock_t);
    pub(crate) fn rculab_write_lock(lock: *mut bindings::rwlock_t);
    pub(crate) fn rculab_write_unlock(lock: *mut bindings::rwlock_t);
    pub(crate) fn rculab_read_seqbegin(lock: *const bindings::seqlock_t) -> c_uint;
    pub(crate) fn rculab_read_seqretry(lock: *const bindings::seqlock_t, start: c_uint) -> bool;
    pub(crate) fn rculab_write_seqlock(lock: *mut bindings::seqlock_t);
    pub(crate) fn rculab_write_sequnlock(lock: *mut bindings::seqlock_t);
}

// These stand in `helpers/nmi.c`.
extern "C" {
    pub(crate) fn rculab_nmi_get() -> c_int;
    pub(crate) fn rculab_nmi_put();
    pub(crate) fn rculab_nmi_run(
        func: unsafe extern "C" fn(*mut c_void),
        arg: *mut c_void,
    ) -> c_int;
}

// This stands in `helpers/tracepoint.c`.
extern "C" {
    pub(crate) fn rculab_tracepoint_synchronize_unregister();
}

// This stands in `helpers/control.c`.
extern "C" {
    pub(crate) fn rculab_ratelimit() -> bool;
}

// This stands in `helpers/timer.c`.
extern "C" {
    pub(crate) fn rculab_sleep_pinned(timeout: c_ulong);
}

// These stand in `helpers/clockchips.c`.
extern "C" {
    pub(crate) fn rculab_silent_timer_alloc(cpu: u32) -> *mut bindings::clock_event_device;
    pub(crate) fn rculab_silent_timer_is_used(dev: *mut bindings::clock_event_device) -> bool;
    pub(crate) fn rculab_silent_timer_free(dev: *mut bindings::clock_event_device);
}

// These stand in `include/linux/clockchips.h`.
extern "C" {
    pub(crate) fn clockevents_config_and_register(
        dev: *mut bindings::clock_event_device,
        freq: u32,
        min_delta: c_ulong,
        max_delta: c_ulong,
    );
    pub(crate) fn clockevents_unbind_device(
        dev: *mut bindings::clock_event_device,
        cpu: c_int,
    ) -> c_int;
}
