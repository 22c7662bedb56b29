// SPDX-License-Identifier: GPL-2.0

//! What was unlinked and waits for a grace period.

use crate::{
    retirements,
    vanilla::Hurried,
    Cookie,
    Domain,
    Expedited,
    Pointer,
    Polling,
    Vanilla, //
};
use core::{
    mem::{
        needs_drop,
        ManuallyDrop, //
    },
    ops::Deref,
    ptr, //
};
use kernel::{
    alloc::KBox,
    bindings, //
};

/// What an updater unlinked: new readers cannot find it, earlier ones may still see it.
///
/// It carries its domain, so every way out waits for the readers that matter. Dropping it is
/// [`Retired::call_rcu`] for a pointer that has room for the callback ([`RcuBox`](crate::RcuBox)).
/// For one that has not, code that drops it does not build: `modpost` names
/// `a_retired_pointer_without_rcu_head_is_dropped__…`, and one of the other ways out is to be chosen. It is never freed
/// early, and dropping it never sleeps or allocates.
///
/// # Invariants
///
/// - `pointer` is initialized until one of the ways out takes it.
/// - No reader that enters `domain` from now on can reach the target; only readers that were there
///   before can see it.
///
/// # Examples
///
/// ```
/// # use rcu::{RcuBox, Retired, Vanilla};
/// fn reclaim_now(old: Retired<RcuBox<u32>, Vanilla>) -> u32 {
///     // Sleeps until no reader can see the old version.
///     *old.synchronize()
/// }
///
/// # use kernel::prelude::*;
/// # use rcu::AtomicRcu;
/// let cell = AtomicRcu::<RcuBox<u32>>::new(RcuBox::new(7, GFP_KERNEL)?);
/// let old = cell.swap(None).ok_or(ENOENT)?;
/// assert_eq!(reclaim_now(old), 7);
/// # Ok::<(), Error>(())
/// ```
#[must_use = "waits for nobody yet: choose synchronize, start_poll or call_rcu"]
pub struct Retired<P: Pointer, D: Domain> {
    pointer: ManuallyDrop<P>,
    domain: D,
}

impl<P: Pointer, D: Domain> Retired<P, D> {
    /// Takes charge of what was unlinked.
    ///
    /// # Safety
    ///
    /// No reader that enters `domain` from now on can reach the target of `pointer`, and readers
    /// that came before only through `domain`.
    #[inline]
    pub(crate) unsafe fn new(pointer: P, domain: D) -> Self {
        // INVARIANT: `pointer` is initialized, and the rest is what the caller promises.
        Self {
            pointer: ManuallyDrop::new(pointer),
            domain,
        }
    }

    /// Takes the parts out without dropping anything.
    #[inline]
    pub(crate) fn into_parts(self) -> (P, D) {
        let mut this = ManuallyDrop::new(self);
        let domain = this.domain;
        // SAFETY: By the type invariants `pointer` is initialized, and `this` is not used again.
        (unsafe { ManuallyDrop::take(&mut this.pointer) }, domain)
    }

    /// Takes the pointer out after the grace period.
    #[inline]
    fn into_pointer(self) -> P {
        retirements().count_waited();
        self.into_parts().0
    }

    /// Waits for a grace period and hands the pointer back, now nobody else's.
    ///
    /// Process context, sleeps: `synchronize_rcu()` and its like in other domains. Never to be
    /// called by a reader of the same domain, for which it would wait.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::AtomicRcu;
    /// let cell = AtomicRcu::<KBox<u32>>::new(KBox::new(7, GFP_KERNEL)?);
    /// let mut old = cell.swap(None).ok_or(ENOENT)?.synchronize();
    /// // Nobody else sees it any more: it may be changed, and used again.
    /// *old += 1;
    /// assert_eq!(*old, 8);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn synchronize(self) -> P {
        self.domain.synchronize();
        self.into_pointer()
    }

    /// Drops the pointer after a grace period. Does not sleep and allocates nothing.
    ///
    /// Any context but NMI: `call_rcu()`, or `kvfree_rcu()` when the target needs no drop. This is
    /// what dropping the value does; the method is for saying so.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{AtomicRcu, RcuBox};
    /// let cell = AtomicRcu::<RcuBox<u32>>::new(RcuBox::new(7, GFP_KERNEL)?);
    /// // May be done under a spinlock, and under a guard.
    /// let guard = rcu::read_lock();
    /// let seven = cell.read(&guard).ok_or(ENOENT)?;
    /// cell.swap(None).ok_or(ENOENT)?.call_rcu();
    /// assert_eq!(*seven, 7);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn call_rcu(self) {
        drop(self);
    }
}

impl<P: Pointer, D: Expedited> Retired<P, D> {
    /// As [`Retired::synchronize`], sooner, at the price of disturbing other CPUs:
    /// `synchronize_rcu_expedited()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{AtomicRcu, RcuBox};
    /// let cell = AtomicRcu::<RcuBox<u32>>::new(RcuBox::new(7, GFP_KERNEL)?);
    /// let old = cell.swap(None).ok_or(ENOENT)?;
    /// assert_eq!(*old.synchronize_expedited(), 7);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn synchronize_expedited(self) -> P {
        self.domain.synchronize_expedited();
        self.into_pointer()
    }
}

impl<P: Pointer, D: Polling> Retired<P, D> {
    /// Asks for a grace period and lets the caller look later whether it has ended.
    ///
    /// Any context but NMI, does not sleep: `start_poll_synchronize_rcu_full()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{AtomicRcu, RcuBox};
    /// let cell = AtomicRcu::<RcuBox<u32>>::new(RcuBox::new(7, GFP_KERNEL)?);
    /// let polled = cell.swap(None).ok_or(ENOENT)?.start_poll();
    /// rcu::synchronize();
    /// assert!(polled.try_finish().is_ok_and(|old| *old == 7));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn start_poll(self) -> Polled<P, D> {
        let cookie = Cookie::start(self.domain);
        // INVARIANT: `cookie` was made just now, after the unlinking that `self` stands for.
        Polled {
            retired: self,
            cookie,
        }
    }

    /// As [`Retired::start_poll`], sooner, at the price of disturbing other CPUs:
    /// `start_poll_synchronize_rcu_expedited_full()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{AtomicRcu, RcuBox};
    /// let cell = AtomicRcu::<RcuBox<u32>>::new(RcuBox::new(7, GFP_KERNEL)?);
    /// let polled = cell.swap(None).ok_or(ENOENT)?.start_poll_expedited();
    /// assert_eq!(*polled.synchronize(), 7);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn start_poll_expedited(self) -> Polled<P, D> {
        let cookie = Cookie::start_expedited(self.domain);
        // INVARIANT: As in `start_poll`.
        Polled {
            retired: self,
            cookie,
        }
    }
}

impl<P: Pointer> Retired<P, Vanilla> {
    /// As [`Retired::call_rcu`], without being put off: `call_rcu_hurry()`.
    ///
    /// A kernel with `RCU_LAZY` may let callbacks wait for seconds, to save energy. This one is for
    /// a drop that somebody waits for. Any context but NMI.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{AtomicRcu, RcuBox};
    /// let cell = AtomicRcu::<RcuBox<u32>>::new(RcuBox::new(7, GFP_KERNEL)?);
    /// cell.swap(None).ok_or(ENOENT)?.call_rcu_hurry();
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn call_rcu_hurry(self) {
        let (pointer, Vanilla) = self.into_parts();
        pointer.defer(Hurried);
    }
}

impl<T: Send + Sync> Retired<KBox<T>, Vanilla> {
    /// Frees the box after a grace period, for which it needs no room: `kvfree_rcu_mightsleep()`.
    ///
    /// For targets that need no drop. Process context, may sleep: the kernel allocates what it
    /// needs to keep the box in mind, and waits for a grace period if there is no memory. Never to
    /// be called by a vanilla reader.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::AtomicRcu;
    /// let cell = AtomicRcu::<KBox<u32>>::new(KBox::new(7, GFP_KERNEL)?);
    /// if let Some(old) = cell.swap(None) {
    ///     old.kvfree_mightsleep();
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    pub fn kvfree_mightsleep(self) {
        const {
            assert!(
                !needs_drop::<T>(),
                "the target needs a drop: synchronize() hands it back"
            )
        };
        let (pointer, Vanilla) = self.into_parts();
        let target = KBox::into_raw(pointer);
        // A box of nothing has no memory.
        if size_of::<T>() != 0 {
            // SAFETY: The memory is a `kmalloc()` allocation that is ours, and need not be dropped.
            // Without a head the kernel finds a place for it by itself.
            unsafe { bindings::kvfree_call_rcu(ptr::null_mut(), target.cast()) };
        }
    }
}

/// Readers that came before still see the target; so does who holds the `Retired`.
impl<P: Pointer + Deref<Target = <P as Pointer>::Target>, D: Domain> Deref for Retired<P, D> {
    type Target = <P as Pointer>::Target;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.pointer
    }
}

impl<P: Pointer, D: Domain> Drop for Retired<P, D> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the type invariants `pointer` is initialized, and a value is dropped once.
        let pointer = unsafe { ManuallyDrop::take(&mut self.pointer) };
        pointer.defer(self.domain);
    }
}

/// What was unlinked, and the grace period it waits for: `start_poll_synchronize_rcu_full()`.
///
/// Dropping it is dropping the [`Retired`] in it.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::{AtomicRcu, Polled, RcuBox, Vanilla};
/// /// What waits, to be looked after now and then.
/// struct Waiting(Option<Polled<RcuBox<u32>, Vanilla>>);
///
/// impl Waiting {
///     fn look(&mut self) -> Option<RcuBox<u32>> {
///         match self.0.take()?.try_finish() {
///             Ok(old) => return Some(old),
///             Err(polled) => self.0 = Some(polled),
///         }
///         None
///     }
/// }
///
/// let cell = AtomicRcu::<RcuBox<u32>>::new(RcuBox::new(7, GFP_KERNEL)?);
/// let mut waiting = Waiting(cell.swap(None).map(|old| old.start_poll()));
/// rcu::synchronize();
/// assert!(waiting.look().is_some_and(|old| *old == 7));
/// assert!(waiting.look().is_none());
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `cookie` stands for a grace period of the domain that began after the unlinking.
#[must_use = "call try_finish() until the grace period has ended"]
pub struct Polled<P: Pointer, D: Polling> {
    retired: Retired<P, D>,
    cookie: Cookie<D>,
}

impl<P: Pointer, D: Polling> Polled<P, D> {
    /// Hands the pointer back if the grace period has ended, and the value itself if not.
    ///
    /// Any context, does not sleep: `poll_state_synchronize_rcu_full()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{AtomicRcu, RcuBox};
    /// let cell = AtomicRcu::<RcuBox<u32>>::new(RcuBox::new(7, GFP_KERNEL)?);
    /// let guard = rcu::read_lock();
    /// let polled = cell.swap(None).ok_or(ENOENT)?.start_poll();
    /// // We are a reader ourselves: it cannot have ended.
    /// let polled = polled.try_finish().err().ok_or(EINVAL)?;
    /// drop(guard);
    /// rcu::synchronize();
    /// assert!(polled.try_finish().is_ok());
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn try_finish(self) -> Result<P, Self> {
        if self.cookie.poll() {
            // By the type invariants no reader sees the target any more.
            Ok(self.retired.into_pointer())
        } else {
            Err(self)
        }
    }

    /// Hands the pointer back, and waits for that only if the grace period has not ended yet:
    /// `cond_synchronize_rcu_full()`.
    ///
    /// Process context, may sleep. Never to be called by a reader of the domain.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{AtomicRcu, RcuBox};
    /// let cell = AtomicRcu::<RcuBox<u32>>::new(RcuBox::new(7, GFP_KERNEL)?);
    /// let polled = cell.swap(None).ok_or(ENOENT)?.start_poll();
    /// // ... something else meanwhile ...
    /// assert_eq!(*polled.synchronize(), 7);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn synchronize(self) -> P {
        self.cookie.cond_synchronize();
        // By the type invariants no reader sees the target any more.
        self.retired.into_pointer()
    }
}
