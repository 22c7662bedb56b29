// SPDX-License-Identifier: GPL-2.0

//! A box that has room for what `call_rcu()` needs.

use crate::{
    domain::sealed,
    reclaim,
    Domain,
    Pointer, //
};
use core::{
    marker::PhantomData,
    mem::{
        needs_drop,
        offset_of, //
    },
    ops::Deref,
    ptr::NonNull, //
};
use kernel::{
    alloc::{
        AllocError,
        Flags,
        KBox, //
    },
    bindings,
    types::Opaque, //
};

/// Says that a type's drop may run in softirq context.
///
/// Without it, what a callback drops is handed to a worker first, so that its drop may sleep.
///
/// # Safety
///
/// The drop does not sleep, and every lock it takes is taken with softirqs disabled elsewhere.
///
/// # Examples
///
/// ```
/// # use kernel::{prelude::*, sync::atomic::{Atomic, Relaxed}};
/// # use rcu::{AtomicRcu, DropInSoftirq, RcuBox};
/// static DROPPED: Atomic<u32> = Atomic::new(0);
///
/// struct Counted;
///
/// impl Drop for Counted {
///     fn drop(&mut self) {
///         DROPPED.fetch_add(1, Relaxed);
///     }
/// }
///
/// // SAFETY: The drop adds to an atomic, which neither sleeps nor takes a lock.
/// unsafe impl DropInSoftirq for Counted {}
///
/// let cell = AtomicRcu::<RcuBox<Counted>>::new(RcuBox::new(Counted, GFP_KERNEL)?);
/// cell.swap(None).ok_or(ENOENT)?.call_rcu_softirq();
/// rcu::barrier();
/// assert_eq!(DROPPED.load(Relaxed), 1);
/// # Ok::<(), Error>(())
/// ```
pub unsafe trait DropInSoftirq {}

/// The allocation behind an [`RcuBox`].
///
/// The head comes first: the kernel frees the allocation by it, and the worker's queue runs through
/// it.
#[repr(C)]
struct Inner<T> {
    head: Opaque<bindings::callback_head>,
    value: T,
}

/// A [`KBox`] with an `rcu_head` inside, so that it can be dropped after a grace period without
/// sleeping and without allocating.
///
/// It costs two words beside the value. The value is dropped
/// - in no context at all, if it needs no drop: `kvfree_rcu()` frees the memory;
/// - by a worker, in process context, where it may sleep, if it does. A module has one, which drops
///   one object after the other: a drop that waits for another drop would wait for ever.
///
/// # Invariants
///
/// `head` begins an `Inner` in a `KBox` that this value owns.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::RcuBox;
/// let route = RcuBox::new([10, 0, 0, 1], GFP_KERNEL)?;
/// assert_eq!(route[0], 10);
/// # Ok::<(), Error>(())
/// ```
pub struct RcuBox<T: Send + Sync + 'static> {
    head: NonNull<bindings::callback_head>,
    _owns: PhantomData<Inner<T>>,
}

impl<T: Send + Sync + 'static> RcuBox<T> {
    /// Allocates a box. The context that `flags` allow.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::RcuBox;
    /// let mut limit = RcuBox::new(7, GFP_KERNEL)?;
    /// // Not published yet: it is ours to change.
    /// *limit += 1;
    /// assert_eq!(*limit, 8);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(value: T, flags: Flags) -> Result<Self, AllocError> {
        let inner = KBox::new(
            Inner {
                head: Opaque::uninit(),
                value,
            },
            flags,
        )?;
        // INVARIANT: The head comes first in the box whose ownership is given up here.
        Ok(Self {
            // SAFETY: A box's pointer is not null.
            head: unsafe { NonNull::new_unchecked(KBox::into_raw(inner).cast()) },
            _owns: PhantomData,
        })
    }

    /// The head of the box that `value` is in: an address, and nobody's ownership.
    ///
    /// # Safety
    ///
    /// `value` is that of a box.
    #[inline]
    pub(crate) unsafe fn head_of(value: NonNull<T>) -> NonNull<bindings::callback_head> {
        // SAFETY: By the caller the head is so far before the value, in the same allocation.
        unsafe { value.byte_sub(Self::OFFSET) }.cast()
    }

    /// Gives up the box that `value` is in to whoever takes this: the other way round than
    /// [`Deref`].
    ///
    /// # Safety
    ///
    /// `value` is that of a box whose ownership was given up, and passes to the caller.
    #[inline]
    pub(crate) unsafe fn from_value(value: NonNull<T>) -> Self {
        // INVARIANT: By the caller.
        Self {
            // SAFETY: By the caller.
            head: unsafe { Self::head_of(value) },
            _owns: PhantomData,
        }
    }

    /// The value, which is the caller's or shared as the box is.
    #[inline]
    fn value(&self) -> NonNull<T> {
        // SAFETY: By the type invariants the value is so far behind the head.
        unsafe { self.head.byte_add(Self::OFFSET) }.cast()
    }

    #[inline]
    fn into_inner_raw(self) -> *mut Inner<T> {
        self.into_raw().as_ptr().cast()
    }

    /// Takes the value out of the box. Any context that `kfree()` may be called from.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::RcuBox;
    /// let names = RcuBox::new(KVec::<u8>::new(), GFP_KERNEL)?;
    /// let names: KVec<u8> = names.into_inner();
    /// assert!(names.is_empty());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn into_inner(self) -> T {
        // SAFETY: By the type invariants this is the allocation of a box whose ownership was just
        // given up.
        let inner = unsafe { KBox::from_raw(self.into_inner_raw()) };
        KBox::into_inner(inner).value
    }
}

impl<T: Send + Sync + 'static> Deref for RcuBox<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: By the type invariants the value is there, and only shared while `self` is.
        unsafe { self.value().as_ref() }
    }
}

impl<T: Send + Sync + 'static> core::ops::DerefMut for RcuBox<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: By the type invariants the value is there, and it is owned, so nobody else's.
        unsafe { self.value().as_mut() }
    }
}

impl<T: Send + Sync + 'static> Drop for RcuBox<T> {
    fn drop(&mut self) {
        // SAFETY: By the type invariants this is the allocation of the box that this value owns.
        drop(unsafe { KBox::from_raw(self.head.as_ptr().cast::<Inner<T>>()) });
    }
}

// SAFETY: The box owns a `T`, which is `Send`.
unsafe impl<T: Send + Sync + 'static> Send for RcuBox<T> {}
// SAFETY: `&RcuBox` gives out `&T` only, and `T` is `Sync`.
unsafe impl<T: Send + Sync + 'static> Sync for RcuBox<T> {}

impl<T: Send + Sync + 'static> sealed::Sealed for RcuBox<T> {}

// SAFETY: The box owns its target, which stays where it is when the box moves.
unsafe impl<T: Send + Sync + 'static> Pointer for RcuBox<T> {
    type Target = T;
    type Raw = bindings::callback_head;
    const OFFSET: usize = offset_of!(Inner<T>, value);

    #[inline]
    fn into_raw(self) -> NonNull<bindings::callback_head> {
        let head = self.head;
        core::mem::forget(self);
        head
    }

    #[inline]
    unsafe fn from_raw(head: NonNull<bindings::callback_head>) -> Self {
        // INVARIANT: By the caller, `head` comes from `into_raw`, so it begins a box whose
        // ownership was given up.
        Self {
            head,
            _owns: PhantomData,
        }
    }

    fn defer<D: Domain>(self, domain: D) {
        let head = self.into_raw().as_ptr();
        if needs_drop::<T>() {
            reclaim::queued();
            // SAFETY: The head, at the start of the allocation, is nobody else's now. The callback
            // only queues it, which softirq context allows.
            unsafe { domain.call(head, hand_to_worker::<T>) };
        } else {
            // SAFETY: The head is at the start of the allocation, which came from `kmalloc()` and
            // is nobody else's now. `T` needs no drop.
            unsafe { domain.free(head) };
        }
    }
}

impl<T: DropInSoftirq + Send + Sync + 'static, D: Domain> crate::Retired<RcuBox<T>, D> {
    /// As [`Retired::call_rcu`](crate::Retired::call_rcu), dropping the value in the callback
    /// itself, in softirq context, without the detour through a worker. Any context but NMI.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{AtomicRcu, DropInSoftirq, RcuBox};
    /// struct Number(u32);
    ///
    /// // SAFETY: There is nothing to drop.
    /// unsafe impl DropInSoftirq for Number {}
    ///
    /// let cell = AtomicRcu::<RcuBox<Number>>::new(RcuBox::new(Number(7), GFP_KERNEL)?);
    /// let old = cell.swap(None).ok_or(ENOENT)?;
    /// assert_eq!(old.0, 7);
    /// old.call_rcu_softirq();
    /// # Ok::<(), Error>(())
    /// ```
    pub fn call_rcu_softirq(self) {
        let (pointer, domain) = self.into_parts();
        reclaim::queued();
        let head = pointer.into_raw().as_ptr();
        // SAFETY: The head, at the start of the allocation, is nobody else's now. `T` says that its
        // drop may run in softirq context.
        unsafe { domain.call(head, drop_in_callback::<T>) };
    }
}

/// Drops the box whose allocation `head` begins.
///
/// # Safety
///
/// `head` begins the `Inner<T>` of a box that the caller owns.
unsafe fn drop_inner<T>(head: *mut bindings::callback_head) {
    // SAFETY: By the caller.
    drop(unsafe { KBox::from_raw(head.cast::<Inner<T>>()) });
}

/// The callback that leaves the drop to the worker.
///
/// # Safety
///
/// As for [`drop_inner`], and `T` may be dropped by another task.
unsafe extern "C" fn hand_to_worker<T: Send>(head: *mut bindings::callback_head) {
    // SAFETY: By the caller the head is ours, and `drop_inner::<T>` fits it.
    unsafe { reclaim::queue(head, drop_inner::<T>) };
}

/// The callback that drops in place.
///
/// # Safety
///
/// As for [`drop_inner`].
unsafe extern "C" fn drop_in_callback<T: DropInSoftirq>(head: *mut bindings::callback_head) {
    // SAFETY: By the caller.
    unsafe { drop_inner::<T>(head) };
    reclaim::completed();
}

const _: () = assert!(
    offset_of!(Inner<u64>, head) == 0
        && size_of::<Inner<()>>() == size_of::<bindings::callback_head>()
);
