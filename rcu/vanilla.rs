// SPDX-License-Identifier: GPL-2.0

//! The domain of vanilla RCU.
//!
//! C header: [`include/linux/rcupdate.h`](srctree/include/linux/rcupdate.h)

use crate::{
    domain::{
        sealed,
        Callback, //
    },
    sys,
    Domain,
    Expedited,
    Global,
    Polling, //
};
use core::ptr;
use kernel::{
    bindings,
    ffi::{
        c_ulong,
        c_void, //
    },
};

/// Vanilla RCU: `rcu_read_lock()`, `synchronize_rcu()`, `call_rcu()`.
///
/// Its readers are [`Guard`](crate::Guard), [`BhGuard`](crate::BhGuard) and
/// [`SchedGuard`](crate::SchedGuard).
///
/// # Examples
///
/// ```
/// use rcu::{Domain, Vanilla};
///
/// Vanilla.synchronize();
/// Vanilla.barrier();
/// ```
#[derive(Clone, Copy)]
pub struct Vanilla;

impl sealed::Sealed for Vanilla {}

impl Global for Vanilla {
    const DOMAIN: Self = Vanilla;
}

// SAFETY: The methods are the kernel's functions for vanilla RCU, whose grace periods wait for the
// sections that `rcu_read_lock()` begins.
unsafe impl Domain for Vanilla {
    const IS_VANILLA: bool = true;

    #[inline]
    fn synchronize(self) {
        // SAFETY: May be called in any process context; calling it elsewhere is a bug that the
        // kernel reports, not undefined behaviour.
        unsafe { bindings::synchronize_rcu() }
    }

    #[inline]
    fn barrier(self) {
        // SAFETY: As for `synchronize`.
        unsafe { bindings::rcu_barrier() }
    }

    #[inline]
    unsafe fn call(self, head: *mut bindings::callback_head, func: Callback) {
        // SAFETY: The caller hands over `head`, and `func` fits it.
        unsafe { bindings::call_rcu(head, Some(func)) }
    }

    #[inline]
    unsafe fn free(self, head: *mut bindings::callback_head) {
        // SAFETY: The caller hands over the allocation, of which `head` is the start. No code of
        // this module runs when it is freed.
        unsafe { bindings::kvfree_call_rcu(head.cast(), head.cast::<c_void>()) }
    }
}

impl Expedited for Vanilla {
    #[inline]
    fn synchronize_expedited(self) {
        // SAFETY: As for `synchronize`.
        unsafe { sys::synchronize_rcu_expedited() }
    }
}

/// A state of vanilla RCU's grace periods, normal and expedited.
///
/// The structure that the kernel's `…_full()` functions take; its name changes from series to
/// series.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct State([c_ulong; 2]);

const _: () = {
    const fn size_filled<T>(_: unsafe extern "C" fn(*mut T)) -> usize {
        size_of::<T>()
    }
    assert!(size_filled(bindings::get_completed_synchronize_rcu_full) == size_of::<State>());
};

/// Makes a state by the kernel's function of that name.
macro_rules! state {
    ($fill:path) => {{
        let mut state = State([0; 2]);
        // SAFETY: `state` is valid for writing what the function fills in: the sizes are compared above.
        unsafe { $fill((&raw mut state).cast()) };
        state
    }};
}

impl Polling for Vanilla {
    type State = State;

    #[inline]
    fn completed(self) -> State {
        state!(bindings::get_completed_synchronize_rcu_full)
    }

    #[inline]
    fn snapshot(self) -> State {
        state!(sys::get_state_synchronize_rcu_full)
    }

    #[inline]
    fn start(self) -> State {
        state!(sys::start_poll_synchronize_rcu_full)
    }

    #[inline]
    fn start_expedited(self) -> State {
        state!(sys::start_poll_synchronize_rcu_expedited_full)
    }

    #[inline]
    fn poll(self, state: &State) -> bool {
        let state = ptr::from_ref(state).cast_mut();
        // SAFETY: `state` is valid for reading the two numbers, which is all that the function does.
        unsafe { sys::poll_state_synchronize_rcu_full(state.cast()) }
    }

    #[inline]
    fn is(self, _other: Self) -> bool {
        true
    }
}

/// Vanilla RCU for those who cannot wait: what is retired to it is called back by
/// `call_rcu_hurry()`, and freed by a callback rather than by `kvfree_rcu()`'s next batch.
#[derive(Clone, Copy)]
pub(crate) struct Hurried;

impl sealed::Sealed for Hurried {}

// SAFETY: As for `Vanilla`, whose methods these are, but for the time that a callback may be put
// off.
unsafe impl Domain for Hurried {
    const IS_VANILLA: bool = true;

    #[inline]
    fn synchronize(self) {
        Vanilla.synchronize();
    }

    #[inline]
    fn barrier(self) {
        Vanilla.barrier();
    }

    #[inline]
    unsafe fn call(self, head: *mut bindings::callback_head, func: Callback) {
        // SAFETY: The caller hands over `head`, and `func` fits it.
        #[cfg(CONFIG_RCU_LAZY)]
        unsafe {
            bindings::call_rcu_hurry(head, Some(func))
        }
        // Without laziness the header makes it the same function.
        // SAFETY: As above.
        #[cfg(not(CONFIG_RCU_LAZY))]
        unsafe {
            bindings::call_rcu(head, Some(func))
        }
    }
}
