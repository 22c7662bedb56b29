// SPDX-License-Identifier: GPL-2.0

//! The only room for FFI that the `bindings` crate does not have.
//!
//! The functions stand in `helpers/rcu.c`.

use kernel::{
    bindings,
    ffi::{
        c_char,
        c_int, //
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
    pub(crate) fn rculab_srcu_read_lock(ssp: *mut bindings::srcu_struct) -> c_int;
    pub(crate) fn rculab_srcu_read_unlock(ssp: *mut bindings::srcu_struct, idx: c_int);

    pub(crate) fn rculab_list_add_valid(
        new: *mut bindings::list_head,
        prev: *mut bindings::list_head,
        next: *mut bindings::list_head,
    ) -> bool;
    pub(crate) fn rculab_list_del_valid(entry: *mut bindings::list_head) -> bool;

    pub(crate) fn rculab_cond_resched();
    pub(crate) fn rculab_schedule_reclaim();
    pub(crate) fn rculab_flush_reclaim();
}
