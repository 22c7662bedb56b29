// SPDX-License-Identifier: GPL-2.0

//! The kthread of vanilla RCU's grace periods.
//!
//! C header: [`kernel/rcu/rcu.h`](srctree/kernel/rcu/rcu.h)

use crate::{
    rcu_state::kind,
    task::find_kernel_thread, //
};
use kernel::{
    ffi::c_int,
    sync::aref::ARef,
    task::Task,
    time::{
        msecs_to_jiffies,
        Delta, //
    }, //
};

/// Returns the kthread.
pub fn find() -> Option<ARef<Task>> {
    [c"rcu_preempt", c"rcu_sched"]
        .into_iter()
        .find_map(find_kernel_thread)
}

/// Returns the kthread's real-time priority, 0 if it has none: with `RCU_BOOST` the kthreads of each
/// CPU have the same, and it is what a reader is lent.
pub fn priority() -> u32 {
    let Some(kthread) = find() else {
        return 0;
    };
    // SAFETY: Reads an aligned word of a task that is valid; every value is.
    unsafe { (&raw const (*kthread.as_ptr()).rt_priority).read_volatile() }
}

/// Whether this kernel lets [`block`] do what it says: it is made for rcutorture.
pub const CAN_BLOCK: bool = cfg!(CONFIG_RCU_TORTURE_TEST);

/// Has the kthread sleep for `time` where it waits the next time: `rcu_gp_set_torture_wait()`. Any
/// context.
///
/// It does so once; being reported as starved wakes it early. Does nothing on a kernel without
/// [`CAN_BLOCK`].
pub fn block(time: Delta) {
    // One that waits for longer than this was forgotten.
    let millis = time.as_millis().clamp(1, 3_600_000) as u32;
    let jiffies = c_int::try_from(msecs_to_jiffies(millis)).unwrap_or(c_int::MAX);
    kind::block_kthread(jiffies);
}

/// Has the kernel print what it knows of its grace periods, nodes and callbacks:
/// `show_rcu_gp_kthreads()`. Process context.
///
/// It prints a handful of lines of level `info`, and one for each node and CPU that has something to
/// tell. It takes no lock, so that what it tells need not be of one moment.
pub fn show() {
    kind::show_kthread();
}
