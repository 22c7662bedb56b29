// SPDX-License-Identifier: GPL-2.0

//! The worker that drops in process context, and the module's account of what is not dropped yet.
//!
//! A callback runs in softirq context, where a drop must not sleep. So it puts the object on a
//! lock-free stack, built from the object's own `rcu_head`, and a work item drops what is on it.
//!
//! The kernel's way from a callback to a worker is `queue_rcu_work()`, and this is not it: an
//! `rcu_work` is seven words in each object instead of two, more with lockdep, and waits for vanilla
//! RCU only, while what waits for any domain comes this way. Who wants more of it than a drop finds
//! it as [`work`](crate::work).

use crate::{
    module::retirements,
    sys, //
};
use core::ptr;
use kernel::{
    bindings,
    sync::atomic::{
        Acquire,
        Atomic,
        Relaxed,
        Release, //
    },
};

/// Drops the object whose allocation `head` begins.
pub(crate) type DropFn = unsafe fn(head: *mut bindings::callback_head);

/// What an object's `rcu_head` holds while it waits for the worker.
#[repr(C)]
struct Waiting {
    next: *mut Waiting,
    drop: DropFn,
}

const _: () = assert!(size_of::<Waiting>() <= size_of::<bindings::callback_head>());

/// The objects that wait for the worker, the last one first.
static STACK: Atomic<*mut Waiting> = Atomic::new(ptr::null_mut());

/// Accounts for an object that a callback will drop.
///
/// One instruction that C does without, a locked one: without the count, unloading would not know
/// what to wait for.
#[inline]
pub(crate) fn queued() {
    retirements().queued();
}

/// Accounts for an object that was dropped. Nothing of this module may be touched afterwards but
/// the code that returns.
#[inline]
pub(crate) fn completed() {
    retirements().completed();
}

/// Leaves `head` to the worker, which calls `drop` with it. Any context.
///
/// # Safety
///
/// `head` is the caller's, and `drop` may be called with it, once, by any task.
pub(crate) unsafe fn queue(head: *mut bindings::callback_head, drop: DropFn) {
    let waiting = head.cast::<Waiting>();
    let mut first = STACK.load(Relaxed);
    loop {
        // SAFETY: The head is ours, and large enough for a `Waiting`.
        unsafe { waiting.write(Waiting { next: first, drop }) };
        match STACK.cmpxchg(first, waiting, Release) {
            Ok(_) => break,
            Err(now) => first = now,
        }
    }
    // SAFETY: The work item is a static of this module, which does not unload before it is flushed.
    unsafe { sys::rculab_schedule_reclaim() };
}

/// The work function: drops everything that waits.
#[no_mangle]
extern "C" fn rculab_reclaim(_work: *mut bindings::work_struct) {
    let mut waiting = STACK.xchg(ptr::null_mut(), Acquire);
    while !waiting.is_null() {
        // SAFETY: `queue` wrote it and put it on the stack, from which it was taken just now.
        let Waiting { next, drop } = unsafe { waiting.read() };
        // SAFETY: `queue`'s caller allows the call, and this is the only one.
        unsafe { drop(waiting.cast()) };
        completed();
        waiting = next;
        // SAFETY: Process context, and no lock is held.
        unsafe { sys::rculab_cond_resched() };
    }
}
