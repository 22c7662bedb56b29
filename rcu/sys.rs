// SPDX-License-Identifier: GPL-2.0

//! The only room for FFI that the `bindings` crate does not have.
//!
//! The functions stand in `helpers/rcu.c`.

#[cfg(CONFIG_TASKS_TRACE_RCU)]
use crate::domain::Callback;
use kernel::{
    bindings,
    ffi::{
        c_char,
        c_int,
        c_uint,
        c_ulong,
        c_void, //
    }, //
};

extern "C" {
    pub(crate) fn rculab_rcu_read_lock_bh();
    pub(crate) fn rculab_rcu_read_unlock_bh();
    pub(crate) fn rculab_rcu_read_lock_sched();
    pub(crate) fn rculab_rcu_read_unlock_sched();

    #[cfg(CONFIG_PROVE_RCU)]
    pub(crate) fn rculab_assert_in_rcu_read_lock();
    #[cfg(CONFIG_PROVE_RCU)]
    pub(crate) fn rculab_assert_in_rcu_read_lock_bh();
    #[cfg(CONFIG_PROVE_RCU)]
    pub(crate) fn rculab_assert_in_rcu_read_lock_sched();
    #[cfg(CONFIG_PROVE_RCU)]
    pub(crate) fn rculab_assert_in_rcu_reader();

    pub(crate) fn rculab_init_srcu_struct(
        ssp: *mut bindings::srcu_struct,
        name: *const c_char,
        key: *mut bindings::lock_class_key,
    ) -> c_int;
    pub(crate) fn rculab_init_srcu_struct_fast(
        ssp: *mut bindings::srcu_struct,
        name: *const c_char,
        key: *mut bindings::lock_class_key,
    ) -> c_int;
    pub(crate) fn rculab_init_srcu_struct_fast_updown(
        ssp: *mut bindings::srcu_struct,
        name: *const c_char,
        key: *mut bindings::lock_class_key,
    ) -> c_int;
    #[cfg(CONFIG_DEBUG_LOCK_ALLOC)]
    pub(crate) fn rculab_srcu_read_lock(ssp: *mut bindings::srcu_struct) -> c_int;
    #[cfg(CONFIG_DEBUG_LOCK_ALLOC)]
    pub(crate) fn rculab_srcu_read_unlock(ssp: *mut bindings::srcu_struct, idx: c_int);
    #[cfg(any(CONFIG_DEBUG_LOCK_ALLOC, CONFIG_NEED_SRCU_NMI_SAFE))]
    pub(crate) fn rculab_srcu_read_lock_nmisafe(ssp: *mut bindings::srcu_struct) -> c_int;
    #[cfg(any(CONFIG_DEBUG_LOCK_ALLOC, CONFIG_NEED_SRCU_NMI_SAFE))]
    pub(crate) fn rculab_srcu_read_unlock_nmisafe(ssp: *mut bindings::srcu_struct, idx: c_int);
    pub(crate) fn rculab_srcu_down_read(ssp: *mut bindings::srcu_struct) -> c_int;
    pub(crate) fn rculab_srcu_up_read(ssp: *mut bindings::srcu_struct, idx: c_int);
    pub(crate) fn rculab_srcu_read_lock_fast(ssp: *mut bindings::srcu_struct) -> SrcuCtr;
    pub(crate) fn rculab_srcu_read_unlock_fast(ssp: *mut bindings::srcu_struct, scp: SrcuCtr);
    pub(crate) fn rculab_srcu_read_lock_fast_updown(ssp: *mut bindings::srcu_struct) -> SrcuCtr;
    pub(crate) fn rculab_srcu_read_unlock_fast_updown(
        ssp: *mut bindings::srcu_struct,
        scp: SrcuCtr,
    );
    pub(crate) fn rculab_srcu_down_read_fast(ssp: *mut bindings::srcu_struct) -> SrcuCtr;
    pub(crate) fn rculab_srcu_up_read_fast(ssp: *mut bindings::srcu_struct, scp: SrcuCtr);
    pub(crate) fn rculab_srcu_readers(ssp: *mut bindings::srcu_struct) -> c_ulong;
    #[cfg(CONFIG_DEBUG_LOCK_ALLOC)]
    pub(crate) fn rculab_srcu_read_lock_held(ssp: *mut bindings::srcu_struct) -> c_int;
    #[cfg(CONFIG_PROVE_RCU)]
    pub(crate) fn rculab_assert_in_srcu_read_lock(ssp: *mut bindings::srcu_struct);

    #[cfg(CONFIG_TASKS_TRACE_RCU)]
    pub(crate) fn rculab_rcu_read_lock_trace();
    #[cfg(CONFIG_TASKS_TRACE_RCU)]
    pub(crate) fn rculab_rcu_read_unlock_trace();
    #[cfg(all(CONFIG_TASKS_TRACE_RCU, CONFIG_DEBUG_LOCK_ALLOC))]
    pub(crate) fn rculab_rcu_read_lock_trace_held() -> c_int;
    #[cfg(CONFIG_TASKS_TRACE_RCU)]
    pub(crate) fn rculab_synchronize_rcu_tasks_trace();
    #[cfg(CONFIG_TASKS_TRACE_RCU)]
    pub(crate) fn rculab_rcu_barrier_tasks_trace();
    #[cfg(CONFIG_TASKS_TRACE_RCU)]
    pub(crate) fn rculab_call_rcu_tasks_trace(head: *mut bindings::callback_head, func: Callback);
    #[cfg(CONFIG_TASKS_TRACE_RCU)]
    pub(crate) fn rculab_rcu_tasks_trace_expedite_current();

    pub(crate) fn rculab_list_add_valid(
        new: *mut bindings::list_head,
        prev: *mut bindings::list_head,
        next: *mut bindings::list_head,
    ) -> bool;
    pub(crate) fn rculab_list_del_valid(entry: *mut bindings::list_head) -> bool;

    pub(crate) fn rculab_refcount_inc_not_zero(r: *mut bindings::refcount_t) -> bool;
    pub(crate) fn rculab_refcount_inc_not_zero_acquire(r: *mut bindings::refcount_t) -> bool;
    pub(crate) fn rculab_refcount_set_release(r: *mut bindings::refcount_t, n: c_int);

    pub(crate) fn rculab_kmem_cache_create_typesafe(
        name: *const c_char,
        size: c_uint,
        align: c_uint,
    ) -> *mut bindings::kmem_cache;
    pub(crate) fn rculab_kmem_cache_alloc(
        s: *mut bindings::kmem_cache,
        flags: bindings::gfp_t,
    ) -> *mut c_void;

    pub(crate) fn rculab_alloc_workqueue(name: *const c_char) -> *mut bindings::workqueue_struct;
    pub(crate) fn rculab_flush_workqueue(wq: *mut bindings::workqueue_struct);
    pub(crate) fn rculab_cond_resched();
    pub(crate) fn rculab_schedule_reclaim();
    pub(crate) fn rculab_flush_reclaim();
}

/// The counters that a fast reader has entered: a per-CPU pointer.
pub(crate) type SrcuCtr = *mut bindings::srcu_ctr;

// Without lockdep `srcu_read_lock()` is nothing but an exported function, and its counterpart is
// one and a check that the index is 0 or 1, which a guard's always is. Calling them directly saves
// the detour through a helper.
#[cfg(not(CONFIG_DEBUG_LOCK_ALLOC))]
pub(crate) use {
    bindings::__srcu_read_unlock as srcu_read_unlock,
    kind::__srcu_read_lock as srcu_read_lock, //
};
#[cfg(not(any(CONFIG_DEBUG_LOCK_ALLOC, CONFIG_NEED_SRCU_NMI_SAFE)))]
pub(crate) use {
    bindings::__srcu_read_unlock as srcu_read_unlock_nmisafe,
    kind::__srcu_read_lock as srcu_read_lock_nmisafe, //
};
#[cfg(CONFIG_DEBUG_LOCK_ALLOC)]
pub(crate) use {
    rculab_srcu_read_lock as srcu_read_lock,
    rculab_srcu_read_unlock as srcu_read_unlock, //
};
#[cfg(any(CONFIG_DEBUG_LOCK_ALLOC, CONFIG_NEED_SRCU_NMI_SAFE))]
pub(crate) use {
    rculab_srcu_read_lock_nmisafe as srcu_read_lock_nmisafe,
    rculab_srcu_read_unlock_nmisafe as srcu_read_unlock_nmisafe, //
};

// What is a function with trees, and an inline with Tiny RCU.
#[cfg(CONFIG_TINY_RCU)]
mod tiny;
#[cfg(not(CONFIG_TINY_RCU))]
mod tree;
#[cfg(CONFIG_TINY_RCU)]
use tiny as kind;
#[cfg(not(CONFIG_TINY_RCU))]
use tree as kind;

pub(crate) use kind::{
    get_state_synchronize_rcu_full,
    poll_state_synchronize_rcu_full,
    srcu_barrier,
    srcu_expedite_current,
    srcu_gp_seq,
    start_poll_synchronize_rcu_expedited_full,
    start_poll_synchronize_rcu_full,
    synchronize_rcu_expedited,
    synchronize_srcu_expedited, //
};
