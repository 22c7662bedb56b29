// SPDX-License-Identifier: GPL-2.0

//! Objects whose memory is used again at once, under readers that may still look at it.
//!
//! In a type-stable pool (`SLAB_TYPESAFE_BY_RCU`) an object that is given up does not wait for
//! readers: its place may hold the next object a moment later. Only the memory waits, so what a
//! reader finds under its guard is always *some* object of the pool, or a place that is free. That
//! saves the grace period where objects come and go fast, and the caches stay warm.
//!
//! The price is that a reader must not look before it has a reference, and then must make sure that
//! it is a reference to what it looked for. [`PoolCell::get`] does both, and there is no other way
//! from a [`PoolCell`] to an object.
//!
//! ```text
//!            alloc                  last reference given up
//!   free ────────────▶ in use ────────────────────────────────▶ free
//!                      readers may                              readers that came before find
//!                      take references                          it free, or in use again
//! ```
//!
//! C header: [`include/linux/slab.h`](srctree/include/linux/slab.h)

use crate::{
    reclaim,
    sys,
    Domain,
    Vanilla, //
};
use core::{
    marker::PhantomData,
    mem::needs_drop,
    ops::Deref,
    ptr::{
        self,
        NonNull, //
    },
};
use kernel::{
    alloc::{
        AllocError,
        Flags, //
    },
    bindings,
    prelude::*,
    sync::Refcount,
    types::Opaque, //
};

mod cell;

pub use cell::PoolCell;

/// A pool of objects whose memory is type-stable.
///
/// Its objects may outlive it: the pool goes when it is dropped and its last object is gone, in a
/// worker, after `rcu_barrier()`. Unloading the module waits for that. So an object that is leaked
/// makes unloading wait for ever, but never is memory used that is not the pool's any more.
///
/// # Invariants
///
/// `inner` comes from `KBox::into_raw`, and this value is one of its `users`.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::{Pool, PoolCell};
/// struct Session {
///     user: u32,
/// }
///
/// let pool = Pool::new(c"session")?;
/// let slot = PoolCell::new(pool.alloc(Session { user: 7 }, GFP_KERNEL)?);
///
/// let session = slot.get(&rcu::read_lock()).ok_or(ENOENT)?;
/// // The next one comes. Nobody waits for readers.
/// drop(slot.swap(Some(pool.alloc(Session { user: 8 }, GFP_KERNEL)?)));
/// assert_eq!(session.user, 7);
/// # Ok::<(), Error>(())
/// ```
pub struct Pool<T: Send + Sync + 'static> {
    inner: NonNull<Inner>,
    _objects: PhantomData<T>,
}

/// What the pool and its objects share.
///
/// # Invariants
///
/// `cache` is a `SLAB_TYPESAFE_BY_RCU` cache. `users` counts the pool and the objects in use.
#[repr(C)]
struct Inner {
    /// The worker's queue runs through it.
    head: Opaque<bindings::callback_head>,
    cache: NonNull<bindings::kmem_cache>,
    users: Refcount,
}

/// A place in the pool.
#[repr(C)]
struct Slot<T> {
    /// The worker's queue runs through it.
    head: Opaque<bindings::callback_head>,
    /// Zero while the slot is free. Readers look at it at any time; at the rest only after they
    /// have counted a reference here.
    count: Opaque<bindings::refcount_t>,
    pool: NonNull<Inner>,
    value: T,
}

impl<T: Send + Sync + 'static> Pool<T> {
    /// Makes a pool, named so in `/proc/slabinfo`. Process context, allocates:
    /// `kmem_cache_create()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::Pool;
    /// let pool = Pool::new(c"numbers")?;
    /// assert_eq!(*pool.alloc(1, GFP_KERNEL)?, 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(name: &'static CStr) -> Result<Self> {
        let size = size_of::<Slot<T>>().try_into()?;
        let align = align_of::<Slot<T>>().try_into()?;
        // SAFETY: `name` lives for ever.
        let cache =
            unsafe { sys::rculab_kmem_cache_create_typesafe(name.as_char_ptr(), size, align) };
        let cache = NonNull::new(cache).ok_or(ENOMEM)?;
        let inner = Inner {
            head: Opaque::uninit(),
            cache,
            users: Refcount::new(1),
        };
        let Ok(inner) = KBox::new(inner, GFP_KERNEL) else {
            // SAFETY: The cache was made just now and is empty.
            unsafe { bindings::kmem_cache_destroy(cache.as_ptr()) };
            return Err(ENOMEM);
        };
        reclaim::queued();
        // INVARIANT: This is the user that `users` begins with.
        Ok(Self {
            // SAFETY: A box's pointer is not null.
            inner: unsafe { NonNull::new_unchecked(KBox::into_raw(inner)) },
            _objects: PhantomData,
        })
    }

    /// Puts `value` into a free place, with one reference. The context that `flags` allow:
    /// `kmem_cache_alloc()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::Pool;
    /// let pool = Pool::new(c"numbers")?;
    /// let one = pool.alloc(1, GFP_KERNEL)?;
    /// // An object may outlive its pool.
    /// drop(pool);
    /// assert_eq!(*one, 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn alloc(&self, value: T, flags: Flags) -> Result<Pooled<T>, AllocError> {
        // SAFETY: By the type invariants the pool is there.
        let inner = unsafe { self.inner.as_ref() };
        // SAFETY: The cache is there as long as its pool.
        let slot = unsafe { sys::rculab_kmem_cache_alloc(inner.cache.as_ptr(), raw(flags)) };
        let slot = NonNull::new(slot.cast::<Slot<T>>()).ok_or(AllocError)?;
        inner.users.inc();
        // SAFETY: The place is large enough for a `Slot<T>`, and nobody else's: a reader that saw
        // an earlier object here looks only at `count`, which is zero since that object went, or,
        // in new memory, has not been seen by any reader.
        unsafe {
            (&raw mut (*slot.as_ptr()).pool).write(self.inner);
            (&raw mut (*slot.as_ptr()).value).write(value);
            // The value is complete before it can be counted on.
            sys::rculab_refcount_set_release(
                Opaque::cast_into(&raw const (*slot.as_ptr()).count),
                1,
            );
        }
        // INVARIANT: The object is in use, and this is its first reference.
        Ok(Pooled(slot))
    }
}

/// The number that `flags` stand for.
fn raw(flags: Flags) -> bindings::gfp_t {
    // SAFETY: `Flags` holds a `gfp_t`, and `transmute` makes sure that it is no larger, so it is
    // nothing but that.
    unsafe { core::mem::transmute::<Flags, bindings::gfp_t>(flags) }
}

impl<T: Send + Sync + 'static> Drop for Pool<T> {
    fn drop(&mut self) {
        // SAFETY: By the type invariants this is one of the users.
        unsafe { leave(self.inner) };
    }
}

// SAFETY: A pool is a handle; objects are made and dropped by any task, which `T: Send` allows.
unsafe impl<T: Send + Sync + 'static> Send for Pool<T> {}
// SAFETY: As above: `&Pool` only makes objects.
unsafe impl<T: Send + Sync + 'static> Sync for Pool<T> {}

/// One user less; the last one leaves the pool to the worker.
///
/// # Safety
///
/// The caller was one of the users, and is none any more.
unsafe fn leave(inner: NonNull<Inner>) {
    // SAFETY: By the caller the pool is there.
    if unsafe { inner.as_ref() }.users.dec_and_test() {
        // SAFETY: Nobody else uses the pool, whose head comes first. It was counted when made.
        unsafe { reclaim::queue(inner.as_ptr().cast(), destroy) };
    }
}

/// Destroys the pool that `head` begins. Process context, sleeps.
///
/// # Safety
///
/// The pool has no users any more.
unsafe fn destroy(head: *mut bindings::callback_head) {
    // SAFETY: By the caller, and `KBox::into_raw` is where it comes from.
    let inner = unsafe { KBox::from_raw(head.cast::<Inner>()) };
    // With SLUB_RCU_DEBUG objects are freed by callbacks.
    Vanilla.barrier();
    // SAFETY: No object is in use, and free places are touched by readers only as RCU allows: the
    // kernel frees the memory after a grace period.
    unsafe { bindings::kmem_cache_destroy(inner.cache.as_ptr()) };
}

/// A reference to an object of a [`Pool`].
///
/// When the last one is given up, the value is dropped and its place is free for the next object.
/// Any context: a value that needs a drop is left to a worker, where it may sleep.
///
/// # Invariants
///
/// The slot is in use, and this value owns one of the references that `count` counts.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::{pool::Pooled, Pool};
/// struct Connection(Pooled<u32>);
///
/// let pool = Pool::new(c"numbers")?;
/// let one = Connection(pool.alloc(1, GFP_KERNEL)?);
/// let same = Connection(one.0.clone());
/// drop(one);
/// assert_eq!(*same.0, 1);
/// # Ok::<(), Error>(())
/// ```
pub struct Pooled<T: Send + Sync + 'static>(NonNull<Slot<T>>);

impl<T: Send + Sync + 'static> Pooled<T> {
    fn into_raw(self) -> *mut Slot<T> {
        let slot = self.0.as_ptr();
        core::mem::forget(self);
        slot
    }

    /// # Safety
    ///
    /// `slot` is null or comes from [`Pooled::into_raw`], and its reference is the caller's.
    unsafe fn from_raw(slot: *mut Slot<T>) -> Option<Self> {
        // INVARIANT: By the caller.
        NonNull::new(slot).map(Self)
    }

    fn count(&self) -> &Refcount {
        // SAFETY: By the type invariants the slot is there. `Refcount` is transparent over what it
        // counts with.
        unsafe { &*(&raw const (*self.0.as_ptr()).count).cast::<Refcount>() }
    }
}

impl<T: Send + Sync + 'static> Deref for Pooled<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: By the type invariants the slot is in use, and shared only.
        unsafe { &(*self.0.as_ptr()).value }
    }
}

impl<T: Send + Sync + 'static> Clone for Pooled<T> {
    #[inline]
    fn clone(&self) -> Self {
        self.count().inc();
        // INVARIANT: The reference was counted just now.
        Self(self.0)
    }
}

impl<T: Send + Sync + 'static> Drop for Pooled<T> {
    fn drop(&mut self) {
        if !self.count().dec_and_test() {
            return;
        }
        let head = self.0.as_ptr().cast();
        if needs_drop::<T>() {
            reclaim::queued();
            // SAFETY: The last reference is gone, so the slot, whose head comes first, is ours.
            unsafe { reclaim::queue(head, free::<T>) };
        } else {
            // SAFETY: As above.
            unsafe { free::<T>(head) };
        }
    }
}

/// Drops the value in the slot that `head` begins, and frees the slot.
///
/// # Safety
///
/// The slot's last reference is gone, and it was not freed since.
unsafe fn free<T>(head: *mut bindings::callback_head) {
    let slot = head.cast::<Slot<T>>();
    // SAFETY: By the caller the slot is still a whole object, and ours. Readers look at `count`
    // only, which stays zero. The pool is there until its last object has left.
    unsafe {
        let pool = (*slot).pool;
        ptr::drop_in_place(&raw mut (*slot).value);
        bindings::kmem_cache_free(pool.as_ref().cache.as_ptr(), slot.cast());
        leave(pool);
    }
}

// SAFETY: References share `&T`, which `T: Sync` allows, and any may be the last, which drops `T`,
// which `T: Send` allows.
unsafe impl<T: Send + Sync + 'static> Send for Pooled<T> {}
// SAFETY: `&Pooled` gives out `&T` and more references.
unsafe impl<T: Send + Sync + 'static> Sync for Pooled<T> {}
