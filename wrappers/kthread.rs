// SPDX-License-Identifier: GPL-2.0

//! Owned kernel threads.
//!
//! C header: [`include/linux/kthread.h`](srctree/include/linux/kthread.h)

use crate::sys;
use kernel::{
    bindings,
    cpu::CpuId,
    error::from_err_ptr,
    prelude::*,
    sync::aref::ARef,
    task::Task,
    time::{
        msecs_to_jiffies,
        Delta, //
    },
    types::NotThreadSafe, //
};

/// A running kernel thread that is stopped and joined when dropped.
///
/// Dropping sleeps until the thread's closure has returned, so it must not happen in atomic
/// context nor inside that closure.
///
/// As with every registration of the kernel crate, a module that leaks this value must not be
/// unloaded while the thread runs.
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, time::Delta};
/// use wrappers::kthread::KThread;
///
/// let thread = KThread::spawn(c"worker", None, |this| {
///     while !this.sleep(Delta::from_millis(100)) {
///         pr_info!("still here\n");
///     }
/// })?;
/// drop(thread); // Wakes the thread and waits for it.
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// - `task` is a thread made by [`KThread::spawn`] that nobody else stops.
/// - `closure` is what `KBox::into_raw` gave for the thread's closure; the thread owns it if it
///   ever calls its thread function, else `self` does.
/// - `discard` frees a `closure` of this type.
#[must_use = "the thread is stopped as soon as this is dropped"]
pub struct KThread {
    task: ARef<Task>,
    closure: *mut c_void,
    discard: unsafe fn(*mut c_void),
}

// SAFETY: The closure is `Send`, and any task may stop a kernel thread and drop a task reference.
unsafe impl Send for KThread {}

// SAFETY: Shared references only read `task`, which is `Sync`.
unsafe impl Sync for KThread {}

impl KThread {
    /// Starts a thread called `name` that runs `f`, bound to `cpu` if there is one.
    ///
    /// The scheduler moves a bound thread elsewhere only when its CPU goes offline. Fails with
    /// `EINTR` when the caller is killed meanwhile.
    pub fn spawn<F>(name: &CStr, cpu: Option<CpuId>, f: F) -> Result<Self>
    where
        F: FnOnce(&ThisThread) + Send + 'static,
    {
        let closure = KBox::into_raw(KBox::new(f, GFP_KERNEL)?).cast::<c_void>();

        // SAFETY: `run::<F>` takes what `closure` is, and the format matches its one argument,
        // which the call copies.
        let created = from_err_ptr(unsafe {
            bindings::kthread_create_on_node(
                Some(run::<F>),
                closure,
                bindings::NUMA_NO_NODE,
                c"%s".as_char_ptr(),
                name.as_char_ptr(),
            )
        });
        let raw = match created {
            Ok(raw) => raw,
            Err(err) => {
                // SAFETY: A thread that was not created never calls its function, so that the
                // closure is still ours.
                unsafe { discard::<F>(closure) };
                return Err(err);
            }
        };

        // SAFETY: A created thread waits for its first wake-up, hence `raw` is a live task.
        let task = ARef::from(unsafe { &*raw.cast::<Task>() });
        if let Some(cpu) = cpu {
            // SAFETY: `raw` is a kernel thread that has not been woken yet.
            unsafe { bindings::kthread_bind(raw, cpu.as_u32()) };
        }
        task.wake_up();

        // INVARIANT: `task` is new and known to nobody else; `closure` came from `into_raw` above
        // and has the type of `discard::<F>`.
        Ok(Self {
            task,
            closure,
            discard: discard::<F>,
        })
    }

    /// Returns the thread's task.
    #[inline]
    pub fn task(&self) -> &Task {
        &self.task
    }
}

impl Drop for KThread {
    fn drop(&mut self) {
        // SAFETY: By the type invariants `task` is a kernel thread; our reference keeps it valid
        // even when its function has returned.
        let ret = unsafe { bindings::kthread_stop(self.task.as_ptr()) };

        // `run` returns 0, so -EINTR says that the stop came before the first run.
        if ret == EINTR.to_errno() {
            // SAFETY: By the type invariants the closure is ours, as the thread never called its
            // function and has ended.
            unsafe { (self.discard)(self.closure) };
        }
    }
}

/// The thread function of a [`KThread`] whose closure is an `F`.
///
/// # Safety
///
/// `closure` must be what `KBox::<F>::into_raw` returned, and is given up by the caller.
unsafe extern "C" fn run<F>(closure: *mut c_void) -> c_int
where
    F: FnOnce(&ThisThread) + Send + 'static,
{
    // SAFETY: By the safety requirements of this function.
    let closure = unsafe { KBox::<F>::from_raw(closure.cast()) };
    KBox::into_inner(closure)(&ThisThread(NotThreadSafe));
    0
}

/// Frees a closure that no thread has run.
///
/// # Safety
///
/// `closure` must be what `KBox::<F>::into_raw` returned, and is given up by the caller.
unsafe fn discard<F>(closure: *mut c_void) {
    // SAFETY: By the safety requirements of this function.
    drop(unsafe { KBox::<F>::from_raw(closure.cast()) });
}

/// Evidence of running inside a [`KThread`].
///
/// # Invariants
///
/// The current task is a [`KThread`]'s.
pub struct ThisThread(NotThreadSafe);

impl ThisThread {
    /// The priority of [`fifo`](Self::fifo): half of `MAX_RT_PRIO`.
    pub const FIFO_PRIORITY: u32 = 50;

    /// Returns whether the owner wants this thread to end.
    #[inline]
    pub fn should_stop(&self) -> bool {
        // SAFETY: By the type invariants the current task is a kernel thread.
        unsafe { bindings::kthread_should_stop() }
    }

    /// Runs `f` with this thread's priority real-time: `SCHED_FIFO`, in the middle of its range.
    ///
    /// Puts the priority back after it, and fails with `EIO` if that cannot be read back. Process
    /// context, sleeps.
    pub fn fifo(&self, f: impl FnOnce()) -> Result {
        let this = Task::current_raw();
        // SAFETY: By the type invariants the current task is a kernel thread, whose priority
        // nobody else sets.
        let (before, after) = unsafe {
            let before = (&raw const (*this).policy).read_volatile();
            bindings::sched_set_fifo(this);
            f();
            bindings::sched_set_normal(this, 0);
            (before, (&raw const (*this).policy).read_volatile())
        };
        if before == after {
            Ok(())
        } else {
            Err(EIO)
        }
    }

    /// Lets others run that want to: `schedule()`. Process context.
    pub fn yield_cpu(&self) {
        // SAFETY: The current task is a kernel thread, and running, so that it comes back.
        unsafe { bindings::schedule() };
    }

    /// Sleeps for at least `time`, or until the owner wants this thread to end.
    ///
    /// The timer stays on this CPU: an idle CPU leaves the others to one that is busy, and they are
    /// late if that one is stuck. Returns [`should_stop`](Self::should_stop).
    pub fn sleep(&self, time: Delta) -> bool {
        // A stop that comes just before the sleep is not lost: `kthread_stop()` also marks the
        // task as having a signal pending.
        //
        // SAFETY: The current task is a kernel thread, which no one else puts to sleep.
        unsafe { sys::rculab_sleep_pinned(jiffies_to_sleep(time)) };
        self.should_stop()
    }
}

/// Rounds up, and adds one jiffy, as the present one may be nearly over.
fn jiffies_to_sleep(time: Delta) -> c_ulong {
    let millis = time.as_millis().clamp(0, i64::from(i32::MAX)) as u32 + 1;
    msecs_to_jiffies(millis) + 1
}
