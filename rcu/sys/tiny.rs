// SPDX-License-Identifier: GPL-2.0

//! What Tiny RCU and Tiny SRCU have as inlines, and the tree versions as functions.
//!
//! The functions stand in `helpers/tiny.c`.

use kernel::{
    bindings,
    ffi::{
        c_int,
        c_ulong,
        c_void, //
    }, //
};

extern "C" {
    #[link_name = "rculab_synchronize_rcu_expedited"]
    pub(crate) fn synchronize_rcu_expedited();
    #[link_name = "rculab_get_state_synchronize_rcu_full"]
    pub(crate) fn get_state_synchronize_rcu_full(state: *mut c_void);
    #[link_name = "rculab_start_poll_synchronize_rcu_full"]
    pub(crate) fn start_poll_synchronize_rcu_full(state: *mut c_void);
    #[link_name = "rculab_start_poll_synchronize_rcu_expedited_full"]
    pub(crate) fn start_poll_synchronize_rcu_expedited_full(state: *mut c_void);
    #[link_name = "rculab_poll_state_synchronize_rcu_full"]
    pub(crate) fn poll_state_synchronize_rcu_full(state: *mut c_void) -> bool;
    #[cfg(not(CONFIG_DEBUG_LOCK_ALLOC))]
    #[link_name = "rculab___srcu_read_lock"]
    pub(crate) fn __srcu_read_lock(ssp: *mut bindings::srcu_struct) -> c_int;
    #[link_name = "rculab_synchronize_srcu_expedited"]
    pub(crate) fn synchronize_srcu_expedited(ssp: *mut bindings::srcu_struct);
    #[link_name = "rculab_srcu_barrier"]
    pub(crate) fn srcu_barrier(ssp: *mut bindings::srcu_struct);
    #[link_name = "rculab_srcu_expedite_current"]
    pub(crate) fn srcu_expedite_current(ssp: *mut bindings::srcu_struct);
    #[link_name = "rculab_srcu_gp_seq"]
    pub(crate) fn srcu_gp_seq(ssp: *mut bindings::srcu_struct) -> c_ulong;
}
