// SPDX-License-Identifier: GPL-2.0

//! The pointer by which readers find an object of a pool.

use super::{
    Pooled,
    Slot, //
};
use crate::{
    sys,
    Reader,
    Vanilla, //
};
use core::{
    marker::PhantomData,
    ptr, //
};
use kernel::{
    sync::atomic::{
        Atomic,
        Full,
        Relaxed, //
    },
    types::Opaque, //
};

/// A pointer to an object of a [`Pool`](super::Pool), or none, that readers follow and updaters
/// exchange without a lock. It owns a reference.
///
/// # Invariants
///
/// `target` is null or comes from `Pooled::into_raw`, with a reference that the cell owns.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::{pool::Pooled, Pool, PoolCell};
/// /// A cache with a place for each of four hash values.
/// struct Cache([PoolCell<(u32, u32)>; 4]);
///
/// impl Cache {
///     fn find(&self, key: u32) -> Option<Pooled<(u32, u32)>> {
///         let found = self.0[key as usize % 4].get(&rcu::read_lock())?;
///         // Ours by now, whatever becomes of the cell.
///         (found.0 == key).then_some(found)
///     }
/// }
///
/// let pool = Pool::new(c"squares")?;
/// let cache = Cache([const { PoolCell::empty() }; 4]);
/// for key in 0..6 {
///     drop(cache.0[key as usize % 4].swap(Some(pool.alloc((key, key * key), GFP_KERNEL)?)));
/// }
/// assert!(cache.find(5).is_some_and(|entry| entry.1 == 25));
/// assert!(cache.find(1).is_none());
/// # Ok::<(), Error>(())
/// ```
pub struct PoolCell<T: Send + Sync + 'static> {
    target: Atomic<*mut Slot<T>>,
    _owns: PhantomData<Pooled<T>>,
}

impl<T: Send + Sync + 'static> PoolCell<T> {
    /// Makes one without an object. Any context, also a constant.
    ///
    /// # Examples
    ///
    /// ```
    /// # use rcu::PoolCell;
    /// let table = [const { PoolCell::<u32>::empty() }; 8];
    /// assert!(table[3].get(&rcu::read_lock()).is_none());
    /// ```
    pub const fn empty() -> Self {
        // INVARIANT: The pointer is null.
        Self {
            target: Atomic::new(ptr::null_mut()),
            _owns: PhantomData,
        }
    }

    /// Makes one that points to `object`. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{Pool, PoolCell};
    /// let pool = Pool::new(c"numbers")?;
    /// let cell = PoolCell::new(pool.alloc(1, GFP_KERNEL)?);
    /// assert!(cell.get(&rcu::read_lock()).is_some_and(|one| *one == 1));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(object: Pooled<T>) -> Self {
        let cell = Self::empty();
        drop(cell.swap(Some(object)));
        cell
    }

    /// Takes a reference to the object that the cell points to. Any context.
    ///
    /// What stands in the cell may be given up, and its place be used again, while we look. So a
    /// reference is taken unless it is the last that is going (`refcount_inc_not_zero_acquire()`),
    /// and then it is made sure that the cell still points there: what is returned was the cell's
    /// object at that moment. If not, the next try sees the next object.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{Pool, PoolCell};
    /// let pool = Pool::new(c"numbers")?;
    /// let cell = PoolCell::new(pool.alloc(1, GFP_KERNEL)?);
    /// let one = cell.get(&rcu::read_lock()).ok_or(ENOENT)?;
    /// drop(cell.swap(None));
    /// assert_eq!(*one, 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn get(&self, _guard: &impl Reader<Vanilla>) -> Option<Pooled<T>> {
        loop {
            let slot = self.target.load(Relaxed);
            if slot.is_null() {
                return None;
            }
            // SAFETY: The slot's memory held an object when the pointer was loaded, under the
            // guard. It stays a slot of the same pool until the guard is gone, and the count of a
            // slot is valid whether it is free or not.
            let taken = unsafe {
                sys::rculab_refcount_inc_not_zero_acquire(Opaque::cast_into(
                    &raw const (*slot).count,
                ))
            };
            // SAFETY: If a reference was taken, it is ours.
            let object = taken.then(|| unsafe { Pooled::from_raw(slot) }).flatten();
            // The load is ordered after the taking. While we hold a reference the slot cannot be
            // used for another object: if the cell points there now, this is its object.
            if object.is_some() && self.target.load(Relaxed) == slot {
                return object;
            }
        }
    }

    /// Points the cell to `new`, or to nothing, and gives its old object back: `xchg()`. Any
    /// context.
    ///
    /// Nothing is retired: if this was the last reference, dropping it frees the place at once.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{Pool, PoolCell};
    /// let pool = Pool::new(c"numbers")?;
    /// let cell = PoolCell::new(pool.alloc(1, GFP_KERNEL)?);
    /// let old = cell.swap(Some(pool.alloc(2, GFP_KERNEL)?)).ok_or(ENOENT)?;
    /// assert_eq!(*old, 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn swap(&self, new: Option<Pooled<T>>) -> Option<Pooled<T>> {
        // INVARIANT: The new pointer comes from `into_raw`, and its reference passes to the cell.
        let new = new.map_or(ptr::null_mut(), Pooled::into_raw);
        let old = self.target.xchg(new, Full);
        // SAFETY: By the type invariants; the cell's reference is ours since the exchange.
        unsafe { Pooled::from_raw(old) }
    }
}

impl<T: Send + Sync + 'static> Drop for PoolCell<T> {
    fn drop(&mut self) {
        drop(self.swap(None));
    }
}

// SAFETY: The cell owns a `Pooled`, which is `Send`.
unsafe impl<T: Send + Sync + 'static> Send for PoolCell<T> {}
// SAFETY: Through `&self`, several CPUs take references, and take the object out, which are `Send`.
unsafe impl<T: Send + Sync + 'static> Sync for PoolCell<T> {}
