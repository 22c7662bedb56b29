// SPDX-License-Identifier: GPL-2.0

//! The pointer that updaters exchange without a lock.

use crate::{
    cell::{
        from_nullable,
        into_nullable, //
    },
    Global,
    Pointer,
    RcuBox,
    Reader,
    Retired,
    Vanilla, //
};
use core::{
    marker::PhantomData,
    ptr, //
};
use kernel::sync::atomic::{
    Atomic,
    Full,
    Relaxed, //
};

/// A pointer that readers of the domain `D` follow, and updaters exchange, without a lock.
///
/// Unlike with [`Rcu`](crate::Rcu) nobody can hold the pointer still, so that it is followed under
/// a guard only. It can stand in a `static`: see [`AtomicRcu::claim`].
///
/// # Invariants
///
/// `target` is null or comes from [`Pointer::into_raw`] of a `P` that this value owns.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::{AtomicRcu, RcuBox};
/// static LIMIT: AtomicRcu<RcuBox<u32>> = AtomicRcu::empty();
///
/// fn raise(by: u32) -> Result {
///     let guard = rcu::read_lock();
///     let mut now = LIMIT.read(&guard);
///     let mut new = RcuBox::new(0, GFP_ATOMIC)?;
///     loop {
///         *new = now.copied().unwrap_or(0) + by;
///         match LIMIT.compare_exchange(&guard, now, Some(new)) {
///             Ok(old) => return Ok(drop(old)),
///             Err((other, back)) => {
///                 now = other;
///                 new = back.ok_or(EINVAL)?;
///             }
///         }
///     }
/// }
/// ```
pub struct AtomicRcu<P: Pointer, D: Global = Vanilla> {
    target: Atomic<*mut P::Target>,
    claimed: Atomic<bool>,
    _owns: PhantomData<(P, D)>,
}

/// What an exchange that did not take place gives back: the pointer that is there, and the one that
/// was to be.
pub type Refused<'g, P> = (Option<&'g <P as Pointer>::Target>, Option<P>);

impl<P: Pointer, D: Global> AtomicRcu<P, D> {
    /// Makes one without a pointer. Any context, also a `static`.
    pub const fn empty() -> Self {
        // INVARIANT: The pointer is null.
        Self {
            target: Atomic::new(ptr::null_mut()),
            claimed: Atomic::new(false),
            _owns: PhantomData,
        }
    }

    /// Makes one. Any context.
    pub fn new(value: P) -> Self {
        // INVARIANT: The pointer comes from `into_raw`.
        Self {
            target: Atomic::new(into_nullable(Some(value))),
            claimed: Atomic::new(false),
            _owns: PhantomData,
        }
    }

    /// Follows the pointer as a reader: `rcu_dereference()`. Any context.
    #[inline(always)]
    pub fn read<'g>(&'g self, _guard: &'g impl Reader<D>) -> Option<&'g P::Target> {
        // SAFETY: The pointer is null or was published here. While the guard lives, a grace period
        // of `D` that began after the pointer was unlinked does not end, and `Retired`, which the
        // unlinking made, gives it to nobody before. While `self` is borrowed, it is not dropped.
        unsafe { self.target.load(Relaxed).as_ref() }
    }

    /// Publishes `new` and unlinks the old pointer: `xchg()`. Any context.
    pub fn swap(&self, new: Option<P>) -> Option<Retired<P, D>> {
        // INVARIANT: The new pointer comes from `into_raw`.
        let old = self.target.xchg(into_nullable(new), Full);
        // SAFETY: By the type invariants `old` is null or from `into_raw`, and it was this value's
        // until the exchange, which gave it to us alone.
        let old = unsafe { from_nullable::<P>(old) };
        // SAFETY: The pointer was unlinked just above, and readers reach it only in `D`.
        old.map(|old| unsafe { Retired::new(old, D::DOMAIN) })
    }

    /// Publishes `new` if the pointer is still `current`, which the guard has kept alive since it
    /// was read, so that nothing else can have come to stand at its address: `cmpxchg()`. Any
    /// context.
    pub fn compare_exchange<'g>(
        &'g self,
        guard: &'g impl Reader<D>,
        current: Option<&'g P::Target>,
        new: Option<P>,
    ) -> Result<Option<Retired<P, D>>, Refused<'g, P>> {
        let current = current.map_or(ptr::null_mut(), |current| ptr::from_ref(current).cast_mut());
        let new = into_nullable(new);
        // INVARIANT: The new pointer comes from `into_raw`.
        match self.target.cmpxchg(current, new, Full) {
            Ok(old) => {
                // SAFETY: As in `swap`.
                let old = unsafe { from_nullable::<P>(old) };
                // SAFETY: As in `swap`.
                Ok(old.map(|old| unsafe { Retired::new(old, D::DOMAIN) }))
            }
            Err(_) => {
                // SAFETY: `new` is null or from `into_raw` just above, and was not published.
                let new = unsafe { from_nullable::<P>(new) };
                Err((self.read(guard), new))
            }
        }
    }
}

impl<T: Send + Sync + 'static, D: Global> AtomicRcu<RcuBox<T>, D> {
    /// Makes the caller the owner of a pointer that stands in a `static`, which nobody drops.
    ///
    /// The owner belongs into the module's state: dropping it, at unload, retires the pointer.
    /// There is one owner at a time; a second claim gives nothing.
    pub fn claim(&'static self) -> Option<Claim<T, D>> {
        self.claimed
            .cmpxchg(false, true, Full)
            .is_ok()
            .then_some(Claim(self))
    }
}

/// The owner of an [`AtomicRcu`] that stands in a `static`.
#[must_use = "the pointer is retired as soon as this is dropped"]
pub struct Claim<T: Send + Sync + 'static, D: Global + 'static = Vanilla>(
    &'static AtomicRcu<RcuBox<T>, D>,
);

impl<T: Send + Sync + 'static, D: Global> Drop for Claim<T, D> {
    fn drop(&mut self) {
        drop(self.0.swap(None));
        self.0.claimed.store(false, kernel::sync::atomic::Release);
    }
}

impl<P: Pointer, D: Global> Drop for AtomicRcu<P, D> {
    fn drop(&mut self) {
        // SAFETY: By the type invariants this value owns the pointer. Readers borrow it, so there
        // are none: it is dropped without a grace period.
        drop(unsafe { from_nullable::<P>(*self.target.get_mut()) });
    }
}

// SAFETY: It owns a `P`, which is `Send`, and gives out `&P::Target`, which is `Sync`.
unsafe impl<P: Pointer, D: Global> Send for AtomicRcu<P, D> {}
// SAFETY: Through `&self`, readers on several CPUs share `&P::Target`, which is `Sync`, and an
// updater takes a `P` out, which is `Send`.
unsafe impl<P: Pointer, D: Global> Sync for AtomicRcu<P, D> {}
