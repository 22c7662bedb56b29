// SPDX-License-Identifier: GPL-2.0

//! Owning pointers that can be published.

use crate::{
    domain::sealed,
    Domain, //
};
use core::ptr::{
    self,
    NonNull, //
};
use kernel::{
    alloc::KBox,
    sync::{
        aref::{
            ARef,
            AlwaysRefCounted, //
        },
        Arc, //
    }, //
};

/// An owning pointer whose target readers may share while its owner is elsewhere: what a cell can
/// hold.
///
/// | pointer | its [`Retired`](crate::Retired) can be dropped | for |
/// |---|---|---|
/// | [`RcuBox`](crate::RcuBox) | yes: it has an `rcu_head` | the usual case |
/// | [`RcuArc`](crate::RcuArc) | yes, in vanilla RCU | what readers keep beyond their guard |
/// | [`KBox`], [`Arc`], [`ARef`] | no: it is to be waited for | what exists already |
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*, sync::{lock::mutex::MutexBackend, lock::Guard}};
/// # use rcu::{Pointer, Rcu, RcuBox};
/// /// Works with every kind of pointer.
/// fn clear<P: Pointer>(cell: &Rcu<P>, guard: &mut Guard<'_, (), MutexBackend>) -> Result<bool> {
///     let old = cell.updater(guard)?.take().map(|old| old.synchronize());
///     Ok(old.is_some())
/// }
///
/// let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let cell = Rcu::new(Some(RcuBox::new(1, GFP_KERNEL)?), &*lock);
/// assert!(clear(&cell, &mut lock.lock())?);
/// assert!(!clear(&cell, &mut lock.lock())?);
/// # Ok::<(), Error>(())
/// ```
///
/// # Safety
///
/// - Between [`Pointer::into_raw`] and [`Pointer::from_raw`] there is a `Self::Target`, to be
///   shared, [`Pointer::OFFSET`] bytes behind the pointer, in the same allocation.
/// - Moving a value of the type does not move its target.
pub unsafe trait Pointer: Sized + Send + sealed::Sealed {
    /// What the pointer owns. Readers on any CPU see it, and any CPU may drop it.
    type Target: Send + Sync;

    /// What a cell stores the address of. A pointer that has an `rcu_head` gives the head's:
    /// retiring then computes no address, and what is [`Pointer::OFFSET`] behind it, a reader's load
    /// finds at no cost.
    #[doc(hidden)]
    type Raw;

    /// How many bytes the target is behind what a cell stores the address of.
    #[doc(hidden)]
    const OFFSET: usize = 0;

    /// Gives up ownership.
    #[doc(hidden)]
    fn into_raw(self) -> NonNull<Self::Raw>;

    /// Takes ownership back.
    ///
    /// # Safety
    ///
    /// `raw` comes from [`Pointer::into_raw`], and ownership was not taken back before.
    #[doc(hidden)]
    unsafe fn from_raw(raw: NonNull<Self::Raw>) -> Self;

    /// Drops the pointer after a grace period of `domain`, without waiting or allocating.
    ///
    /// For a pointer whose target has no room for what RCU needs, a call does not build.
    #[doc(hidden)]
    fn defer<D: Domain>(self, domain: D);
}

/// The target behind what a cell stores.
///
/// # Safety
///
/// `raw` comes from [`Pointer::into_raw`], and what it points at was not freed since.
#[inline(always)]
pub(crate) unsafe fn target_of<P: Pointer>(raw: NonNull<P::Raw>) -> NonNull<P::Target> {
    // SAFETY: By the contract of `Pointer` the target is there.
    unsafe { raw.byte_add(P::OFFSET) }.cast()
}

/// The address of the target behind what a cell stores, which may be null, or freed by now.
#[inline]
pub(crate) fn address_of<P: Pointer>(raw: *mut P::Raw) -> *const P::Target {
    if raw.is_null() {
        ptr::null()
    } else {
        raw.wrapping_byte_add(P::OFFSET).cast()
    }
}

/// What a cell stores for this target, or for none.
#[inline]
pub(crate) fn raw_of<P: Pointer>(target: Option<&P::Target>) -> *mut P::Raw {
    target.map_or(ptr::null_mut(), |target| {
        ptr::from_ref(target)
            .cast_mut()
            .wrapping_byte_sub(P::OFFSET)
            .cast()
    })
}

impl<T: Send + Sync> sealed::Sealed for KBox<T> {}

// SAFETY: A box owns its target, which stays where it is when the box moves.
unsafe impl<T: Send + Sync> Pointer for KBox<T> {
    type Target = T;
    type Raw = T;

    #[inline]
    fn into_raw(self) -> NonNull<T> {
        // SAFETY: A box's pointer is not null.
        unsafe { NonNull::new_unchecked(KBox::into_raw(self)) }
    }

    #[inline]
    unsafe fn from_raw(target: NonNull<T>) -> Self {
        // SAFETY: By the caller, `target` comes from `KBox::into_raw`, once.
        unsafe { KBox::from_raw(target.as_ptr()) }
    }

    #[inline(always)]
    fn defer<D: Domain>(self, _domain: D) {
        no_room_to_defer(self);
    }
}

impl<T: Send + Sync> sealed::Sealed for Arc<T> {}

// SAFETY: An `Arc` keeps its target alive, which stays where it is when the `Arc` moves.
unsafe impl<T: Send + Sync> Pointer for Arc<T> {
    type Target = T;
    type Raw = T;

    #[inline]
    fn into_raw(self) -> NonNull<T> {
        // SAFETY: An `Arc`'s pointer is not null.
        unsafe { NonNull::new_unchecked(Arc::into_raw(self).cast_mut()) }
    }

    #[inline]
    unsafe fn from_raw(target: NonNull<T>) -> Self {
        // SAFETY: By the caller, `target` comes from `Arc::into_raw`, once.
        unsafe { Arc::from_raw(target.as_ptr()) }
    }

    #[inline(always)]
    fn defer<D: Domain>(self, _domain: D) {
        no_room_to_defer(self);
    }
}

impl<T: AlwaysRefCounted + Send + Sync> sealed::Sealed for ARef<T> {}

// SAFETY: An `ARef` keeps its target alive, which stays where it is when the `ARef` moves.
unsafe impl<T: AlwaysRefCounted + Send + Sync> Pointer for ARef<T> {
    type Target = T;
    type Raw = T;

    #[inline]
    fn into_raw(self) -> NonNull<T> {
        ARef::into_raw(self)
    }

    #[inline]
    unsafe fn from_raw(target: NonNull<T>) -> Self {
        // SAFETY: By the caller, `target` comes from `ARef::into_raw`, once.
        unsafe { ARef::from_raw(target) }
    }

    #[inline(always)]
    fn defer<D: Domain>(self, _domain: D) {
        no_room_to_defer(self);
    }
}

/// Makes the build fail where the drop of a [`Retired`](crate::Retired) pointer is reached whose
/// target has no room for a callback.
#[inline(always)]
pub(crate) fn no_room_to_defer<P: Pointer>(pointer: P) {
    // SAFETY: The function does not exist, so this module is never linked.
    unsafe { a_retired_pointer_without_rcu_head_is_dropped__spend_it_with_synchronize() };
    core::mem::forget(pointer);
}

extern "C" {
    // Nobody defines it. A call that the optimizer cannot prove dead, which is the kernel's way to
    // tell at build time (see `build_error!`), is reported by `modpost` under this name. A `const`
    // assertion would reject `if let Some(old) = …` too, where the drop is dead code.
    fn a_retired_pointer_without_rcu_head_is_dropped__spend_it_with_synchronize();
}
