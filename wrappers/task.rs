// SPDX-License-Identifier: GPL-2.0

//! Other kernel threads: finding them, and choosing their CPUs.
//!
//! C header: [`include/linux/sched.h`](srctree/include/linux/sched.h)

use crate::sys;
use kernel::{
    bindings,
    cpu::{
        nr_cpu_ids,
        CpuId, //
    },
    cpumask::{
        Cpumask,
        CpumaskVar, //
    },
    error::to_result,
    prelude::*,
    sync::{
        aref::ARef,
        rcu, //
    },
    task::Task, //
};

/// Returns the kernel thread called `name`.
pub fn find_kernel_thread(name: &CStr) -> Option<ARef<Task>> {
    let _guard = rcu::read_lock();
    let first = &raw mut bindings::init_task;
    let mut raw = first;

    loop {
        // SAFETY: `raw` is on the task list, which is read under RCU.
        raw = unsafe { sys::rculab_next_task(raw) };
        if raw == first {
            return None;
        }
        // SAFETY: RCU keeps `raw` valid. Kernel threads are named once, when they start, and the
        // array always ends in a NUL.
        let (flags, comm) = unsafe {
            (
                (&raw const (*raw).flags).read_volatile(),
                (&raw const (*raw).comm).read_volatile(),
            )
        };
        let is_kernel = flags & bindings::PF_KTHREAD != 0;
        if is_kernel && comm.starts_with(name.to_bytes_with_nul()) {
            // SAFETY: RCU keeps `raw` valid up to here; from here on the reference does.
            return Some(ARef::from(unsafe { &*raw.cast::<Task>() }));
        }
    }
}

/// A task whose CPUs are restricted; where it could run before is put back on drop.
#[must_use = "the task may run everywhere again as soon as this is dropped"]
pub struct Confined {
    task: ARef<Task>,
    before: CpumaskVar,
}

impl Confined {
    /// Keeps `task` off the CPUs `off`. Process context, sleeps.
    ///
    /// Fails with `EINVAL` when no other CPU that the task may run on is online, or when the task
    /// is bound for good.
    pub fn off(task: ARef<Task>, off: impl Iterator<Item = CpuId>) -> Result<Self> {
        Self::new(task, |cpus| off.for_each(|cpu| cpus.clear(cpu)))
    }

    /// Lets `task` run on `cpu` only. Process context, sleeps.
    ///
    /// Fails as [`Confined::off`] does.
    pub fn only(task: ARef<Task>, cpu: CpuId) -> Result<Self> {
        Self::new(task, |cpus| {
            cpus.setall();
            for other in (0..nr_cpu_ids()).filter_map(CpuId::from_u32) {
                if other != cpu {
                    cpus.clear(other);
                }
            }
        })
    }

    fn new(task: ARef<Task>, change: impl FnOnce(&mut Cpumask)) -> Result<Self> {
        let before = CpumaskVar::try_clone(allowed(&task))?;
        let mut after = CpumaskVar::try_clone(&before)?;
        change(&mut after);
        set_allowed(&task, &after)?;
        Ok(Self { task, before })
    }

    /// Puts back where the task could run before, reads that back, and says whether it is so.
    ///
    /// Process context, sleeps.
    pub fn put_back(&self) -> Result {
        set_allowed(&self.task, &self.before)?;
        let now = allowed(&self.task);
        let same = (0..nr_cpu_ids())
            .filter_map(CpuId::from_u32)
            .all(|cpu| now.test(cpu) == self.before.test(cpu));
        same.then_some(()).ok_or(EIO)
    }
}

impl Drop for Confined {
    fn drop(&mut self) {
        // Who wants to know calls `put_back` first; for others there is nobody to tell.
        let _ = self.put_back();
    }
}

/// Returns whether `task` is neither running nor waiting for a CPU. Any context.
///
/// It may have been woken by the time this returns.
pub fn is_asleep(task: &Task) -> bool {
    // SAFETY: Reads an aligned word of a task that is valid; every value is.
    unsafe { (&raw const (*task.as_ptr()).on_rq).read_volatile() == 0 }
}

fn allowed(task: &Task) -> &Cpumask {
    // SAFETY: The mask is part of the task and lives as long. Its words may change while they are
    // read, if somebody else sets the task's CPUs at this moment.
    unsafe { Cpumask::from_raw(&raw const (*task.as_ptr()).cpus_mask) }
}

fn set_allowed(task: &Task, cpus: &Cpumask) -> Result {
    // SAFETY: Both are valid for the call, which copies the mask.
    to_result(unsafe { bindings::set_cpus_allowed_ptr(task.as_ptr(), cpus.as_raw()) })
}
