// SPDX-License-Identifier: GPL-2.0

//! The pointer that is updated under a lock which its type names.

use crate::{
    cell::RawCell,
    Global,
    Pointer,
    RcuBox,
    Reader,
    Updater,
    Vanilla, //
};
use core::marker::{
    PhantomData,
    PhantomPinned, //
};
use kernel::sync::{
    atomic::{
        Atomic,
        Full,
        Release, //
    },
    GlobalGuard,
    GlobalLock,
    GlobalLockBackend, //
};

/// A pointer, or none, that readers of the domain `D` follow without a lock, and that is updated
/// under the global lock `L`.
///
/// As [`Rcu`](crate::Rcu), for a lock that there is one of: a guard's type then says whether it is
/// the right one, so that an update looks at nothing, costs what it costs in C, and cannot be
/// refused. It can stand in a `static` (see [`GlobalRcu::claim`]) or in each of many objects that
/// share a lock. [`rcu_module!`](crate::rcu_module) declares such locks.
///
/// # Invariants
///
/// `cell` changes only under the lock `L`, held exclusively, or through `&mut self`. While `claimed`
/// there is a [`GlobalClaim`], and only then.
///
/// # Examples
///
/// ```
/// use kernel::prelude::*;
/// use rcu::{GlobalClaim, GlobalRcu, RcuBox};
///
/// rcu::rcu_module! {
///     type: Driver,
///     locks: [
///         /// Under which the limit is changed.
///         LIMIT_LOCK: Mutex<()> = (),
///     ],
///     name: "driver",
///     authors: ["A. Author"],
///     description: "A limit that is read without a lock",
///     license: "GPL",
/// }
///
/// static LIMIT: GlobalRcu<RcuBox<u32>, LIMIT_LOCK> = GlobalRcu::empty();
///
/// fn limit() -> u32 {
///     LIMIT.read(&rcu::read_lock()).copied().unwrap_or(0)
/// }
///
/// fn raise(by: u32) -> Result {
///     let old = LIMIT.updater(&mut LIMIT_LOCK.lock()).update(|old| {
///         Ok(RcuBox::new(old.copied().unwrap_or(0) + by, GFP_KERNEL)?)
///     })?;
///     drop(old); // After a grace period.
///     Ok(())
/// }
///
/// struct Driver {
///     _limit: GlobalClaim<u32, LIMIT_LOCK>,
/// }
///
/// impl kernel::Module for Driver {
///     fn init(_module: &'static ThisModule) -> Result<Self> {
///         let claim = LIMIT.claim(&LIMIT_LOCK).ok_or(EBUSY)?;
///         raise(2)?;
///         raise(3)?;
///         assert_eq!(limit(), 5);
///         Ok(Driver { _limit: claim })
///     }
/// }
/// ```
pub struct GlobalRcu<P: Pointer, L: GlobalLockBackend, D: Global = Vanilla> {
    cell: RawCell<P>,
    claimed: Atomic<bool>,
    _types: PhantomData<(fn() -> L, D)>,
    // Readers bypass the lock, so `&mut` to what surrounds the cell must not move it.
    _pin: PhantomPinned,
}

impl<P: Pointer, L: GlobalLockBackend, D: Global> GlobalRcu<P, L, D> {
    /// Makes one without a pointer. Any context, also a `static`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{GlobalRcu, RcuBox};
    /// kernel::sync::global_lock! {
    ///     // SAFETY: It is not used. (`rcu_module!` sees to it by itself.)
    ///     unsafe(uninit) static LOCK: Mutex<()> = ();
    /// }
    /// static LIMIT: GlobalRcu<RcuBox<u32>, LOCK> = GlobalRcu::empty();
    /// assert!(!LIMIT.is_some());
    /// ```
    pub const fn empty() -> Self {
        Self {
            cell: RawCell::empty(),
            claimed: Atomic::new(false),
            _types: PhantomData,
            _pin: PhantomPinned,
        }
    }

    /// Makes one. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{GlobalRcu, RcuBox};
    /// # kernel::sync::global_lock! {
    /// #     // SAFETY: It is not used.
    /// #     unsafe(uninit) static LOCK: Mutex<()> = ();
    /// # }
    /// let cell = GlobalRcu::<_, LOCK>::new(RcuBox::new(7, GFP_KERNEL)?);
    /// assert!(cell.is_some());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(value: P) -> Self {
        Self {
            cell: RawCell::new(Some(value)),
            claimed: Atomic::new(false),
            _types: PhantomData,
            _pin: PhantomPinned,
        }
    }

    /// Follows the pointer as a reader: `rcu_dereference()`. Any context.
    ///
    /// What is borrowed lives as long as both the cell and the guard.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{GlobalRcu, RcuBox};
    /// # kernel::sync::global_lock! {
    /// #     // SAFETY: It is not used.
    /// #     unsafe(uninit) static LOCK: Mutex<()> = ();
    /// # }
    /// let cell = GlobalRcu::<_, LOCK>::new(RcuBox::new([1, 2], GFP_KERNEL)?);
    /// assert_eq!(cell.read(&rcu::read_lock()), Some(&[1, 2]));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline(always)]
    pub fn read<'g>(&'g self, _guard: &'g impl Reader<D>) -> Option<&'g P::Target> {
        // SAFETY: While the guard lives, a grace period of `D` that began after the pointer was
        // unlinked does not end, and `Retired`, which the unlinking made, gives it to nobody
        // before. While the cell is borrowed, it is not dropped.
        unsafe { self.cell.follow() }
    }

    /// Whether there is a pointer: `rcu_access_pointer()`, compared with null. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{GlobalRcu, RcuBox};
    /// # kernel::sync::global_lock! {
    /// #     // SAFETY: It is not used.
    /// #     unsafe(uninit) static LOCK: Mutex<()> = ();
    /// # }
    /// let cell = GlobalRcu::<_, LOCK>::new(RcuBox::new(7, GFP_KERNEL)?);
    /// // No guard is needed: nobody follows the pointer.
    /// assert!(cell.is_some());
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn is_some(&self) -> bool {
        self.cell.is_some()
    }

    /// Follows the pointer under the update lock, without a reader's guard:
    /// `rcu_dereference_protected()`. The context of the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{GlobalRcu, RcuBox};
    /// # kernel::sync::global_lock! {
    /// #     // SAFETY: Initialized just below.
    /// #     unsafe(uninit) static LOCK: Mutex<()> = ();
    /// # }
    /// # // SAFETY: Nobody has used it before.
    /// # unsafe { LOCK.init() };
    /// let cell = GlobalRcu::<_, LOCK>::new(RcuBox::new(7, GFP_KERNEL)?);
    /// // Nobody can change it while we hold the lock: the borrow may sleep.
    /// assert_eq!(cell.get(&LOCK.lock()), Some(&7));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn get<'a>(&'a self, _guard: &'a GlobalGuard<L>) -> Option<&'a P::Target> {
        // SAFETY: What the cell holds, it owns. There is one lock of the type `L`, whose guard this
        // is. Changing the cell needs it exclusively, which the borrow rules out for `'a`, or
        // `&mut self`, which the borrow of `self` does.
        unsafe { self.cell.follow() }
    }

    /// Makes the holder of the lock the cell's updater. The context of the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{GlobalRcu, RcuBox};
    /// # kernel::sync::global_lock! {
    /// #     // SAFETY: Initialized just below.
    /// #     unsafe(uninit) static LOCK: Mutex<()> = ();
    /// # }
    /// # // SAFETY: Nobody has used it before.
    /// # unsafe { LOCK.init() };
    /// let cell = GlobalRcu::<_, LOCK>::new(RcuBox::new(1, GFP_KERNEL)?);
    /// let new = RcuBox::new(2, GFP_KERNEL)?;
    /// let old = cell.updater(&mut LOCK.lock()).replace(Some(new)).ok_or(ENOENT)?;
    /// assert_eq!(*old.synchronize(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn updater<'a>(&'a self, _guard: &'a mut GlobalGuard<L>) -> Updater<'a, P, D> {
        // INVARIANT: There is one lock of the type `L`, and the borrow of its guard keeps it,
        // exclusively, for `'a`. Readers reach the cell only through `read`, that is, in `D`.
        Updater::of(&self.cell, D::DOMAIN)
    }
}

impl<T: Send + Sync + 'static, L: GlobalLockBackend, D: Global> GlobalRcu<RcuBox<T>, L, D> {
    /// Makes the caller the owner of a pointer that stands in a `static`, which nobody drops.
    ///
    /// The owner belongs into the module's state: dropping it, at unload, takes the lock and
    /// retires the pointer. There is one owner at a time; a second claim gives nothing. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::{GlobalRcu, RcuBox};
    /// # kernel::sync::global_lock! {
    /// #     // SAFETY: Initialized just below.
    /// #     unsafe(uninit) static LOCK: Mutex<()> = ();
    /// # }
    /// # // SAFETY: Nobody has used it before.
    /// # unsafe { LOCK.init() };
    /// static LIMIT: GlobalRcu<RcuBox<u32>, LOCK> = GlobalRcu::empty();
    ///
    /// let owner = LIMIT.claim(&LOCK).ok_or(EBUSY)?;
    /// assert!(LIMIT.claim(&LOCK).is_none());
    /// drop(LIMIT.updater(&mut LOCK.lock()).publish(RcuBox::new(7, GFP_KERNEL)?));
    /// drop(owner);
    /// assert!(!LIMIT.is_some());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn claim(&'static self, lock: &'static GlobalLock<L>) -> Option<GlobalClaim<T, L, D>> {
        self.claimed
            .cmpxchg(false, true, Full)
            .is_ok()
            .then_some(GlobalClaim { cell: self, lock })
    }
}

/// The owner of a [`GlobalRcu`] that stands in a `static`.
///
/// Dropping it takes the lock: the context of that lock, so with a mutex it sleeps, and not by who
/// holds it.
///
/// It belongs behind all that can update, in a struct as the last field: fields are dropped in
/// order. What is published when the owner is gone stays until the next owner goes, and if there is
/// none before the module unloads, it leaks.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::{GlobalClaim, GlobalRcu, RcuBox};
/// # kernel::sync::global_lock! {
/// #     // SAFETY: Initialized just below.
/// #     unsafe(uninit) static LOCK: Mutex<()> = ();
/// # }
/// # // SAFETY: Nobody has used it before.
/// # unsafe { LOCK.init() };
/// static LIMIT: GlobalRcu<RcuBox<u32>, LOCK> = GlobalRcu::empty();
///
/// let owner: GlobalClaim<u32, LOCK> = LIMIT.claim(&LOCK).ok_or(EBUSY)?;
/// // As the module's state goes, so does what the static points to.
/// drop(owner);
/// # Ok::<(), Error>(())
/// ```
#[must_use = "the pointer is retired as soon as this is dropped"]
pub struct GlobalClaim<
    T: Send + Sync + 'static,
    L: GlobalLockBackend + 'static,
    D: Global + 'static = Vanilla,
> {
    cell: &'static GlobalRcu<RcuBox<T>, L, D>,
    lock: &'static GlobalLock<L>,
}

impl<T: Send + Sync + 'static, L: GlobalLockBackend, D: Global> Drop for GlobalClaim<T, L, D> {
    fn drop(&mut self) {
        let old = self.cell.updater(&mut self.lock.lock()).take();
        drop(old);
        self.cell.claimed.store(false, Release);
    }
}

// SAFETY: It is a `RawCell<P>`, which is `Send`; a lock and a domain are only named.
unsafe impl<P: Pointer, L: GlobalLockBackend, D: Global> Send for GlobalRcu<P, L, D> {}
// SAFETY: As above: the cell is `Sync`.
unsafe impl<P: Pointer, L: GlobalLockBackend, D: Global> Sync for GlobalRcu<P, L, D> {}

/// Locks that the module initializes before anything else of it runs.
///
/// For [`rcu_module!`](crate::rcu_module).
#[doc(hidden)]
#[macro_export]
macro_rules! static_locks {
    ($(
        $(#[doc $($doc:tt)*])*
        $(#[cfg($($cfg:tt)*)])?
        $vis:vis $name:ident: $kind:ident<$item:ty> = $value:expr
    ),* $(,)?) => {
        $(
            $(#[cfg($($cfg)*)])?
            ::kernel::sync::global_lock! {
                $(#[doc $($doc)*])*
                // SAFETY: `init_static_locks()` initializes it before any other code runs.
                $vis unsafe(uninit) static $name: $kind<$item> = $value;
            }
        )*

        /// Initializes the module's locks.
        ///
        /// # Safety
        ///
        /// To be called once, before other code of the module runs.
        unsafe fn init_static_locks() {
            $(
                $(#[cfg($($cfg)*)])?
                // SAFETY: By the caller.
                unsafe {
                    $name.init()
                };
            )*
        }
    };
}
