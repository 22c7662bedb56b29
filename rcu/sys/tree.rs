// SPDX-License-Identifier: GPL-2.0

//! What Tree RCU and Tree SRCU have as functions, and the tiny versions as inlines.

use kernel::{
    bindings,
    ffi::{
        c_int,
        c_ulong, //
    }, //
};

#[cfg(not(CONFIG_DEBUG_LOCK_ALLOC))]
pub(crate) use bindings::__srcu_read_lock;
pub(crate) use bindings::{
    get_state_synchronize_rcu_full,
    poll_state_synchronize_rcu_full,
    srcu_barrier,
    srcu_expedite_current,
    start_poll_synchronize_rcu_expedited_full,
    start_poll_synchronize_rcu_full,
    synchronize_rcu_expedited,
    synchronize_srcu_expedited, //
};

extern "C" {
    // Exported, and prototyped in `kernel/rcu/rcu.h` only.
    fn srcutorture_get_gp_data(
        ssp: *mut bindings::srcu_struct,
        flags: *mut c_int,
        gp_seq: *mut c_ulong,
    );
}

/// The grace-period sequence number of a domain, whose two low bits are the state.
///
/// # Safety
///
/// `ssp` is initialized.
pub(crate) unsafe fn srcu_gp_seq(ssp: *mut bindings::srcu_struct) -> c_ulong {
    let (mut flags, mut seq): (c_int, c_ulong) = (0, 0);
    // SAFETY: By the caller.
    unsafe { srcutorture_get_gp_data(ssp, &mut flags, &mut seq) };
    seq
}
