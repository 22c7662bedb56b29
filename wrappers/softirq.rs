// SPDX-License-Identifier: GPL-2.0

//! Running code as a softirq.
//!
//! C header: [`include/linux/interrupt.h`](srctree/include/linux/interrupt.h)

use crate::{
    cpu::bh_off,
    sys, //
};
use kernel::{
    bindings,
    types::Opaque, //
};

/// A tasklet with what it runs.
#[repr(C)]
struct Tasklet<F> {
    tasklet: Opaque<bindings::tasklet_struct>,
    work: Opaque<Option<F>>,
}

/// Runs `f` once in softirq context on this CPU and waits for that. `f` must not sleep.
///
/// Process context, sleeps.
pub fn run<F: FnOnce() + Send>(f: F) {
    let tasklet = Tasklet {
        tasklet: Opaque::uninit(),
        work: Opaque::new(Some(f)),
    };
    // SAFETY: The tasklet stays in this frame until `tasklet_kill()` has returned, after which
    // nobody refers to it any more; `work` is touched by the callback alone.
    unsafe {
        bindings::tasklet_setup(tasklet.tasklet.get(), Some(run_tasklet::<F>));
        // Where softirqs are off the scheduled one is left to who switches them on again: that is
        // here, and not in ksoftirqd.
        bh_off(|| sys::rculab_tasklet_schedule(tasklet.tasklet.get()));
        bindings::tasklet_kill(tasklet.tasklet.get());
    }
}

/// The function of a [`Tasklet`].
///
/// # Safety
///
/// `tasklet` must begin a live `Tasklet<F>` whose `work` nobody else touches.
unsafe extern "C" fn run_tasklet<F: FnOnce()>(tasklet: *mut bindings::tasklet_struct) {
    // SAFETY: By the caller.
    let work = unsafe { &mut *(*tasklet.cast::<Tasklet<F>>()).work.get() };
    if let Some(f) = work.take() {
        f();
    }
}

const _: () = assert!(core::mem::offset_of!(Tasklet<fn()>, tasklet) == 0);
