// SPDX-License-Identifier: GPL-2.0

//! What Tiny RCU tells, which has one CPU, and neither a tree nor a kthread.
//!
//! Each quiescent state ends a grace period, so that none is ever in flight, and nobody looks whether
//! one takes too long.
//!
//! C header: [`include/linux/rcutiny.h`](srctree/include/linux/rcutiny.h)

use super::{
    BuiltShape,
    TortureState, //
};
use crate::sys;
use kernel::{
    bindings,
    ffi::{
        c_int,
        c_ulong, //
    }, //
};

/// A bit that is never set.
pub(super) const STATE_BITS: u32 = 1;

#[inline]
pub(super) fn gp_seq() -> c_ulong {
    // SAFETY: Only reads a word.
    unsafe { bindings::get_state_synchronize_rcu() }
}

/// Who wants an expedited grace period gets a normal one.
#[inline]
pub(super) fn exp_seq() -> Option<c_ulong> {
    None
}

/// What others may rely on; nobody checks.
pub(super) fn stall_jiffies() -> c_int {
    // SAFETY: It returns a constant.
    unsafe { sys::rculab_rcu_jiffies_till_stall_check() }
}

pub(super) fn expedited_stall_jiffies() -> c_int {
    stall_jiffies()
}

pub(super) fn torture() -> Option<TortureState> {
    None
}

pub(super) fn built_shape() -> Option<BuiltShape> {
    None
}

#[cfg(CONFIG_TASKS_TRACE_RCU)]
pub(super) fn tasks_trace_seq() -> c_ulong {
    // SAFETY: The domain is static, and the function only reads a word of it.
    unsafe { sys::rculab_srcu_gp_seq(sys::rcu_tasks_trace_srcu_struct.get().cast()) }
}

/// There is none.
pub(crate) fn block_kthread(_jiffies: c_int) {}

/// There is none.
pub(crate) fn show_kthread() {}
