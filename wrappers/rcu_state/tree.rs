// SPDX-License-Identifier: GPL-2.0

//! What Tree RCU tells.

use super::{
    BuiltShape,
    TortureState, //
};
use crate::sys;
use kernel::ffi::{
    c_int,
    c_ulong, //
};

/// How many low bits of a sequence number are the state of a grace period.
pub(super) const STATE_BITS: u32 = 2;

#[inline]
pub(super) fn gp_seq() -> c_ulong {
    // SAFETY: Only reads a word.
    unsafe { sys::rcu_get_gp_seq() }
}

#[inline]
pub(super) fn exp_seq() -> Option<c_ulong> {
    // SAFETY: Only reads a word.
    Some(unsafe { sys::rcu_exp_batches_completed() })
}

pub(super) fn stall_jiffies() -> c_int {
    // SAFETY: Only reads (and clamps) the setting.
    unsafe { sys::rcu_jiffies_till_stall_check() }
}

pub(super) fn expedited_stall_jiffies() -> c_int {
    // SAFETY: Only reads (and clamps) the setting.
    unsafe { sys::rcu_exp_jiffies_till_stall_check() }
}

pub(super) fn torture() -> Option<TortureState> {
    let mut state = TortureState {
        flags: 0,
        text: [0; 32],
    };
    let mut gp_seq = 0;
    // SAFETY: The functions read a few words; `state` has room for what they write, of whose text
    // the size is told.
    unsafe {
        sys::rcutorture_get_gp_data(&mut state.flags, &mut gp_seq);
        sys::rcutorture_format_gp_seqs(
            sys::rcutorture_gather_gp_seqs(),
            state.text.as_mut_ptr(),
            state.text.len(),
        );
    }
    Some(state)
}

pub(super) fn built_shape() -> Option<BuiltShape> {
    // SAFETY: These return constants.
    Some(unsafe {
        BuiltShape {
            fanout: sys::rculab_rcu_fanout(),
            fanout_leaf: sys::rculab_rcu_fanout_leaf(),
            levels: sys::rculab_rcu_num_lvls(),
            nodes: sys::rculab_num_rcu_nodes(),
        }
    })
}

#[cfg(CONFIG_TASKS_TRACE_RCU)]
pub(super) fn tasks_trace_seq() -> c_ulong {
    let (mut flags, mut seq): (c_int, c_ulong) = (0, 0);
    // SAFETY: The domain is static; the function writes the two.
    unsafe {
        sys::srcutorture_get_gp_data(
            sys::rcu_tasks_trace_srcu_struct.get().cast(),
            &mut flags,
            &mut seq,
        );
    }
    seq
}

pub(crate) fn block_kthread(jiffies: c_int) {
    // SAFETY: Only writes a word.
    unsafe { sys::rcu_gp_set_torture_wait(jiffies) };
}

pub(crate) fn show_kthread() {
    // SAFETY: It only reads, and keeps what it reads from going.
    unsafe { sys::show_rcu_gp_kthreads() };
}
