// SPDX-License-Identifier: GPL-2.0

//! Work that waits for a grace period, and then runs in process context: `queue_rcu_work()`.
//!
//! For objects that are to *do* something after a grace period, or more than once. To be dropped
//! then, even by a drop that sleeps, an object needs no work: [`RcuBox`](crate::RcuBox) does that
//! by itself, with less memory.
//!
//! ```text
//!                queue                    a vanilla grace period,
//!                                         and a worker is free
//!   idle ───────────────────▶ queued ─────────────────────────────▶ running ───▶ idle
//!     ▲                         │ queue: AlreadyQueued                 │ queue
//!     └─────────────────────────┘                                      └──▶ queued
//! ```
//!
//! C header: [`include/linux/workqueue.h`](srctree/include/linux/workqueue.h)

use crate::{
    grace_period,
    reclaim,
    sys, //
};
use core::{
    mem::offset_of,
    ops::Deref,
    ptr::NonNull, //
};
use kernel::{
    alloc::Flags,
    bindings,
    prelude::*,
    static_lock_class,
    sync::Arc,
    types::Opaque, //
};

/// What a [`RcuWork`] does.
///
/// # Examples
///
/// ```
/// # use kernel::{prelude::*, sync::Arc};
/// use rcu::work::{RcuWork, RcuWorkItem};
///
/// struct Entry(u32);
///
/// impl RcuWorkItem for Entry {
///     fn run(this: Arc<RcuWork<Self>>) {
///         pr_info!("entry {}: nobody sees it any more\n", this.0);
///     }
/// }
/// ```
pub trait RcuWorkItem: Send + Sync + Sized + 'static {
    /// Runs after the grace period, in process context, where it may sleep.
    ///
    /// It holds the reference that was queued. The item is idle again, and may be queued.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{prelude::*, sync::{Arc, Mutex}, new_mutex};
    /// use rcu::work::{RcuWork, RcuWorkItem};
    ///
    /// struct Session(Pin<KBox<Mutex<u32>>>);
    ///
    /// impl RcuWorkItem for Session {
    ///     fn run(this: Arc<RcuWork<Self>>) {
    ///         // May sleep, as for a mutex.
    ///         *this.0.lock() += 1;
    ///     }
    /// }
    /// # let count = KBox::pin_init(new_mutex!(0), GFP_KERNEL)?;
    /// # let session = RcuWork::new(Session(count), GFP_KERNEL)?;
    /// # let queue = rcu::work::RcuWorkqueue::new(c"sessions")?;
    /// # queue.queue(session.clone())?;
    /// # queue.flush();
    /// # assert_eq!(*session.0.lock(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    fn run(this: Arc<RcuWork<Self>>);
}

/// An object with room for what `queue_rcu_work()` needs, so that queueing allocates nothing.
///
/// # Invariants
///
/// `work.work` is initialized, with `run_item::<T>` as its function. While it is pending, the
/// workqueue owns a reference to the object.
///
/// # Examples
///
/// ```
/// # use kernel::{prelude::*, sync::Arc};
/// # use rcu::work::{RcuWork, RcuWorkItem};
/// # struct Entry(u32);
/// # impl RcuWorkItem for Entry {
/// #     fn run(_this: Arc<RcuWork<Self>>) {}
/// # }
/// let entry = RcuWork::new(Entry(7), GFP_KERNEL)?;
/// assert_eq!(entry.0, 7);
/// # Ok::<(), Error>(())
/// ```
#[pin_data]
pub struct RcuWork<T: RcuWorkItem> {
    #[pin]
    work: Opaque<bindings::rcu_work>,
    value: T,
}

impl<T: RcuWorkItem> RcuWork<T> {
    /// Allocates an object that is idle. The context that `flags` allow.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{prelude::*, sync::Arc};
    /// # use rcu::work::{RcuWork, RcuWorkItem, RcuWorkqueue};
    /// # struct Entry(u32);
    /// # impl RcuWorkItem for Entry {
    /// #     fn run(_this: Arc<RcuWork<Self>>) {}
    /// # }
    /// let entry = RcuWork::new(Entry(7), GFP_KERNEL)?;
    /// assert_eq!(entry.0, 7);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(value: T, flags: Flags) -> Result<Arc<Self>> {
        Arc::pin_init(
            try_pin_init!(Self {
                // INVARIANT: The work is initialized, and not pending.
                work <- Opaque::ffi_init(|slot: *mut bindings::rcu_work| {
                    // SAFETY: `slot` is valid for writing, and name and key live for ever.
                    unsafe {
                        bindings::init_work_with_key(
                            &raw mut (*slot).work,
                            Some(run_item::<T>),
                            false,
                            c"rcu_work".as_char_ptr(),
                            static_lock_class!().as_ptr(),
                        )
                    }
                }),
                value,
            }),
            flags,
        )
    }
}

impl<T: RcuWorkItem> Deref for RcuWork<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

// SAFETY: The work is touched by the kernel's functions only, which serialize; `T` is `Send`.
unsafe impl<T: RcuWorkItem> Send for RcuWork<T> {}
// SAFETY: As above; `&RcuWork` gives out `&T`, which is `Sync`.
unsafe impl<T: RcuWorkItem> Sync for RcuWork<T> {}

/// The work function of all items of a type.
///
/// # Safety
///
/// `work` is that of a `RcuWork<T>`, and the caller hands over the reference that was queued.
unsafe extern "C" fn run_item<T: RcuWorkItem>(work: *mut bindings::work_struct) {
    let offset = offset_of!(RcuWork<T>, work) + offset_of!(bindings::rcu_work, work);
    // SAFETY: By the caller `work` is at this place in a `RcuWork<T>`. The kernel has only seen a
    // pointer that came from `Arc::into_raw` of the whole object.
    let item = unsafe { work.byte_sub(offset) }.cast::<RcuWork<T>>();
    // SAFETY: The reference was given up by `queue`, and this is the only one to take it back.
    T::run(unsafe { Arc::from_raw(item) });
}

/// An item was queued that is queued already: nothing was changed, and here it is back.
///
/// # Examples
///
/// ```
/// # use kernel::{prelude::*, sync::Arc};
/// # use rcu::work::{RcuWork, RcuWorkItem, RcuWorkqueue};
/// # struct Entry(u32);
/// # impl RcuWorkItem for Entry {
/// #     fn run(_this: Arc<RcuWork<Self>>) {}
/// # }
/// let queue = RcuWorkqueue::new(c"entries")?;
/// let entry = RcuWork::new(Entry(7), GFP_KERNEL)?;
/// let guard = rcu::read_lock();
/// queue.queue(entry.clone())?;
/// let refused = queue.queue(entry).err().ok_or(EINVAL)?;
/// assert_eq!(refused.0.0, 7);
/// drop(guard);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct AlreadyQueued<P>(pub P);

impl<P> From<AlreadyQueued<P>> for Error {
    fn from(_: AlreadyQueued<P>) -> Error {
        EBUSY
    }
}

/// A workqueue on which [`RcuWork`] runs.
///
/// Dropping it waits for everything that was queued, so it is part of the module's state: then no
/// item is lost at unload, and none runs after it. (One that is leaked makes unloading wait for
/// ever, rather than let an item run without its code.) An item must not drop the last reference to
/// the queue that it runs on: it would wait for itself.
///
/// # Invariants
///
/// `queue` is a workqueue that this value owns.
///
/// # Examples
///
/// ```
/// # use kernel::{prelude::*, sync::Arc};
/// # use rcu::work::{RcuWork, RcuWorkItem, RcuWorkqueue};
/// # struct Entry(u32);
/// # impl RcuWorkItem for Entry {
/// #     fn run(_this: Arc<RcuWork<Self>>) {}
/// # }
/// let queue = RcuWorkqueue::new(c"entries")?;
/// let entry = RcuWork::new(Entry(7), GFP_KERNEL)?;
/// queue.queue(entry)?;
/// queue.flush();
/// // Entry 7 has run.
/// # Ok::<(), Error>(())
/// ```
pub struct RcuWorkqueue {
    queue: NonNull<bindings::workqueue_struct>,
}

impl RcuWorkqueue {
    /// Allocates a queue, not bound to any CPU: `alloc_workqueue()`. Process context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{prelude::*, sync::Arc};
    /// # use rcu::work::{RcuWork, RcuWorkItem, RcuWorkqueue};
    /// # struct Entry(u32);
    /// # impl RcuWorkItem for Entry {
    /// #     fn run(_this: Arc<RcuWork<Self>>) {}
    /// # }
    /// let queue = RcuWorkqueue::new(c"entries")?;
    /// // Dropping it waits for what is on it, so it stands in the module's state.
    /// drop(queue);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(name: &CStr) -> Result<Self> {
        // SAFETY: `name` is a string, which the kernel copies.
        let queue = unsafe { sys::rculab_alloc_workqueue(name.as_char_ptr()) };
        let queue = NonNull::new(queue).ok_or(ENOMEM)?;
        // The queue itself counts as outstanding, so that unloading waits for one that is leaked.
        reclaim::queued();
        // INVARIANT: Just allocated.
        Ok(Self { queue })
    }

    /// Runs the item after a vanilla grace period: `queue_rcu_work()`. Any context but NMI;
    /// allocates nothing.
    ///
    /// An item that is queued already, on this queue or another, is [`AlreadyQueued`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{prelude::*, sync::Arc};
    /// # use rcu::work::{RcuWork, RcuWorkItem, RcuWorkqueue};
    /// # struct Entry(u32);
    /// # impl RcuWorkItem for Entry {
    /// #     fn run(_this: Arc<RcuWork<Self>>) {}
    /// # }
    /// let queue = RcuWorkqueue::new(c"entries")?;
    /// let entry = RcuWork::new(Entry(7), GFP_KERNEL)?;
    /// let guard = rcu::read_lock();
    /// queue.queue(entry.clone())?;
    /// // It waits for this very reader, so it is still queued.
    /// assert!(queue.queue(entry).is_err());
    /// drop(guard);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn queue<T: RcuWorkItem>(
        &self,
        item: Arc<RcuWork<T>>,
    ) -> Result<(), AlreadyQueued<Arc<RcuWork<T>>>> {
        let raw = Arc::into_raw(item);
        // SAFETY: The object is alive, as a reference was just given up.
        let work = unsafe { (*raw).work.get() };
        // SAFETY: By the type invariants the queue and the work are initialized. The kernel tells
        // by itself whether the work is pending. If not, it takes over the reference.
        if unsafe { bindings::queue_rcu_work(self.queue.as_ptr(), work) } {
            Ok(())
        } else {
            // SAFETY: The reference was not taken over, so it is still ours.
            Err(AlreadyQueued(unsafe { Arc::from_raw(raw) }))
        }
    }

    /// Waits until everything that was queued before has run: `rcu_barrier()` and
    /// `flush_workqueue()`. Process context, sleeps. Not to be called by an item of this queue.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{prelude::*, sync::Arc};
    /// # use rcu::work::{RcuWork, RcuWorkItem, RcuWorkqueue};
    /// # struct Entry(u32);
    /// # impl RcuWorkItem for Entry {
    /// #     fn run(_this: Arc<RcuWork<Self>>) {}
    /// # }
    /// let queue = RcuWorkqueue::new(c"entries")?;
    /// let entry = RcuWork::new(Entry(7), GFP_KERNEL)?;
    /// queue.queue(entry.clone())?;
    /// queue.flush();
    /// // It has run, and can be queued again.
    /// queue.queue(entry)?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn flush(&self) {
        // Items are given to the workqueue by callbacks, at the end of their grace periods.
        grace_period::barrier();
        // SAFETY: By the type invariants the queue is alive.
        unsafe { sys::rculab_flush_workqueue(self.queue.as_ptr()) };
    }
}

impl Drop for RcuWorkqueue {
    fn drop(&mut self) {
        // Nobody queues any more, as `self` is borrowed exclusively. What still waits for its
        // grace period must be on the workqueue before that is drained.
        grace_period::barrier();
        // SAFETY: By the type invariants the queue is ours. Draining it waits for its items.
        unsafe { bindings::destroy_workqueue(self.queue.as_ptr()) };
        reclaim::completed();
    }
}

// SAFETY: A workqueue may be used and destroyed by any task.
unsafe impl Send for RcuWorkqueue {}
// SAFETY: The kernel serializes what several tasks queue at once.
unsafe impl Sync for RcuWorkqueue {}
