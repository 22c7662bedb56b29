// SPDX-License-Identifier: GPL-2.0

//! A counted object that readers may keep, if it is not on its way out.
//!
//! C header: [`include/linux/refcount.h`](srctree/include/linux/refcount.h)

use crate::{
    domain::sealed,
    pointer::{
        no_room_to_defer,
        target_of, //
    },
    sys,
    Domain,
    Pointer,
    RcuBox,
    Vanilla, //
};
use core::{
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
    sync::Refcount, //
};

/// The object of an [`RcuArc`], as readers see it: the value, and the way to a reference.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::{Counted, RcuArc};
/// fn name(object: &Counted<&'static CStr>) -> &'static CStr {
///     // The value is right behind it.
///     **object
/// }
///
/// let object = RcuArc::new(c"eth0", GFP_KERNEL)?;
/// assert!(name(&object) == c"eth0");
/// # Ok::<(), Error>(())
/// ```
pub struct Counted<T> {
    count: Refcount,
    value: T,
}

impl<T: Send + Sync + 'static> Counted<T> {
    /// Takes a reference, if any is left: `refcount_inc_not_zero()`. Any context.
    ///
    /// `None` says that the last reference was given up: the object is seen only by readers that
    /// came earlier, and waits for them.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{AtomicRcu, RcuArc};
    /// let cell = AtomicRcu::<_>::new(RcuArc::new(7, GFP_KERNEL)?);
    ///
    /// let guard = rcu::read_lock();
    /// let object = cell.read(&guard).ok_or(ENOENT)?;
    /// let kept = object.upgrade().ok_or(ENOENT)?;
    /// drop(cell.swap(None)); // The cell's reference: ours is left.
    /// assert_eq!(**kept, 7);
    /// drop(kept); // The last one. The guard still keeps the object there.
    /// assert_eq!(**object, 7);
    /// assert!(object.upgrade().is_none());
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn upgrade(&self) -> Option<RcuArc<T>> {
        // SAFETY: `self` is borrowed, so the count is there. `Refcount` is transparent over what
        // the function wants.
        let taken = unsafe {
            sys::rculab_refcount_inc_not_zero(ptr::from_ref(&self.count).cast_mut().cast())
        };
        // INVARIANT: Every `Counted` is in an `RcuArc`'s box, and this is the reference just taken.
        taken.then(|| RcuArc(NonNull::from(self)))
    }
}

impl<T> Deref for Counted<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

/// A counted reference to an object which, when the last one is gone, waits for vanilla readers
/// before it is dropped.
///
/// So a reader that found the object under a guard may look at it until the guard is gone, even
/// when it is on its way out, and may keep it beyond that if it is not: [`Counted::upgrade`]. With
/// [`Arc`](kernel::sync::Arc) a cell has to wait for readers before it gives up its reference; here
/// the object itself waits, whoever was last, so that every reference may be given up in any
/// context that `call_rcu()` allows. The value is dropped as an [`RcuBox`]'s is.
///
/// # Invariants
///
/// The pointer is to the value of an `RcuBox<Counted<T>>` that was given up, and this value owns one
/// of the references that `count` counts.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::{Rcu, RcuArc};
/// let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let table: [Rcu<RcuArc<u32>>; 2] = [
///     Rcu::new(Some(RcuArc::new(10, GFP_KERNEL)?), &*lock),
///     Rcu::new(None, &*lock),
/// ];
/// let find = |index: usize| table[index].read(&rcu::read_lock())?.upgrade();
///
/// let found = find(0).ok_or(ENOENT)?;
/// drop(table[0].updater(&mut lock.lock())?.take());
/// // It can be found no more, and is still ours.
/// assert!(find(0).is_none());
/// assert_eq!(**found, 10);
/// # Ok::<(), Error>(())
/// ```
pub struct RcuArc<T: Send + Sync + 'static>(NonNull<Counted<T>>);

impl<T: Send + Sync + 'static> RcuArc<T> {
    /// Allocates an object with one reference. The context that `flags` allow.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::RcuArc;
    /// let one = RcuArc::new(1, GFP_KERNEL)?;
    /// let same = one.clone();
    /// drop(one);
    /// assert_eq!(**same, 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(value: T, flags: Flags) -> Result<Self, AllocError> {
        let object = Counted {
            count: Refcount::new(1),
            value,
        };
        let raw = RcuBox::new(object, flags)?.into_raw();
        // INVARIANT: The count is that of the reference made here.
        //
        // SAFETY: The box was given up just now.
        Ok(Self(unsafe { target_of::<RcuBox<_>>(raw) }))
    }
}

impl<T: Send + Sync + 'static> Deref for RcuArc<T> {
    type Target = Counted<T>;

    #[inline]
    fn deref(&self) -> &Counted<T> {
        // SAFETY: By the type invariants there is a reference, so the object is there.
        unsafe { self.0.as_ref() }
    }
}

impl<T: Send + Sync + 'static> Clone for RcuArc<T> {
    #[inline]
    fn clone(&self) -> Self {
        self.count.inc();
        // INVARIANT: The reference was counted just now.
        Self(self.0)
    }
}

impl<T: Send + Sync + 'static> Drop for RcuArc<T> {
    fn drop(&mut self) {
        if self.count.dec_and_test() {
            // SAFETY: By the type invariants the object is in a box that was given up. The count is
            // zero for good, so nobody else does this.
            let object = unsafe { RcuBox::from_value(self.0) };
            // Readers that found it before see it until their guards are gone.
            object.defer(Vanilla);
        }
    }
}

// SAFETY: Its owner shares the object with other owners, which `T: Sync` allows, and may be the one
// that has it dropped, which `T: Send` allows.
unsafe impl<T: Send + Sync + 'static> Send for RcuArc<T> {}
// SAFETY: `&RcuArc` gives out `&T` and more references, which `T: Send + Sync` allows.
unsafe impl<T: Send + Sync + 'static> Sync for RcuArc<T> {}

impl<T: Send + Sync + 'static> sealed::Sealed for RcuArc<T> {}

// SAFETY: A reference keeps the object alive, which stays where it is when the reference moves.
unsafe impl<T: Send + Sync + 'static> Pointer for RcuArc<T> {
    type Target = Counted<T>;
    type Raw = <RcuBox<Counted<T>> as Pointer>::Raw;
    const OFFSET: usize = <RcuBox<Counted<T>> as Pointer>::OFFSET;

    #[inline]
    fn into_raw(self) -> NonNull<Self::Raw> {
        let object = self.0;
        // The reference goes with the address.
        core::mem::forget(self);
        // SAFETY: By the type invariants the object is in a box.
        unsafe { RcuBox::head_of(object) }
    }

    #[inline]
    unsafe fn from_raw(raw: NonNull<Self::Raw>) -> Self {
        // INVARIANT: By the caller, `raw` comes from `into_raw`, with its reference.
        //
        // SAFETY: By that reference the object is there.
        Self(unsafe { target_of::<Self>(raw) })
    }

    #[inline]
    fn defer<D: Domain>(self, _domain: D) {
        if D::IS_VANILLA {
            // The object itself waits for vanilla readers when this was the last reference.
            drop(self);
        } else {
            no_room_to_defer(self);
        }
    }
}
