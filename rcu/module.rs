// SPDX-License-Identifier: GPL-2.0

//! Unloading a module that retires.

use crate::{
    grace_period,
    sys, //
};
use core::marker::PhantomPinned;
use kernel::{
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Relaxed,
        Release, //
    },
    time::{
        delay::fsleep,
        Delta, //
    },
    InPlaceModule,
    ThisModule, //
};

/// A module's account of what it retired: through callbacks, or by waiting for it.
///
/// [`rcu_module!`](crate::rcu_module) makes the only one of a module.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::Retirements;
/// fn is_idle(account: &Retirements) -> bool {
///     account.outstanding() == 0
/// }
///
/// let account = rcu::retirements();
/// assert!(is_idle(account) || account.total() > 0);
/// ```
pub struct Retirements {
    queued: Atomic<i64>,
    completed: Atomic<i64>,
    waited: Atomic<i64>,
    /// Whether the module's init has begun.
    begun: Atomic<bool>,
}

unsafe extern "Rust" {
    /// The account of this module. A module that is not declared by `rcu_module!` has none, and does
    /// not link: the name is what `modpost` then prints.
    safe static declare_the_module_with_rcu_module: Retirements;
}

/// The account of this module. Any context.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::{AtomicRcu, RcuBox};
/// let before = rcu::retirements().total();
/// let cell = AtomicRcu::<RcuBox<_>>::new(RcuBox::new(KVec::<u8>::new(), GFP_KERNEL)?);
/// drop(cell.swap(None));
/// assert!(rcu::retirements().total() > before);
/// # Ok::<(), Error>(())
/// ```
#[inline]
pub fn retirements() -> &'static Retirements {
    &declare_the_module_with_rcu_module
}

impl Retirements {
    /// An empty account. For [`rcu_module!`](crate::rcu_module).
    ///
    /// # Safety
    ///
    /// The module waits until nothing is outstanding before it goes.
    #[doc(hidden)]
    pub const unsafe fn new() -> Self {
        Self {
            queued: Atomic::new(0),
            completed: Atomic::new(0),
            waited: Atomic::new(0),
            begun: Atomic::new(false),
        }
    }

    /// Begins the module's init. `EBUSY` for all but the first, which is the loader's: anybody can
    /// name the wrapped module, and so ask for another one. For [`rcu_module!`](crate::rcu_module).
    #[doc(hidden)]
    pub fn begin(&self) -> Result {
        match self.begun.cmpxchg(false, true, Relaxed) {
            Ok(_) => Ok(()),
            Err(_) => Err(EBUSY),
        }
    }

    #[inline]
    pub(crate) fn queued(&self) {
        self.queued.add(1, Relaxed);
    }

    #[inline]
    pub(crate) fn completed(&self) {
        self.completed.fetch_add(1, Release);
    }

    #[inline]
    pub(crate) fn count_waited(&self) {
        self.waited.add(1, Relaxed);
    }

    /// How many objects somebody waited for, and got back after a grace period, since the module was
    /// loaded. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::AtomicRcu;
    /// let before = rcu::retirements().waited();
    /// let cell = AtomicRcu::<KBox<u32>>::new(KBox::new(7, GFP_KERNEL)?);
    /// let old = cell.swap(None).map(|old| old.synchronize());
    /// assert!(old.is_some() && rcu::retirements().waited() > before);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn waited(&self) -> i64 {
        self.waited.load(Relaxed)
    }

    /// How many objects were handed to callbacks since the module was loaded. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// let account = rcu::retirements();
    /// assert!(account.total() >= account.outstanding());
    /// ```
    pub fn total(&self) -> i64 {
        self.queued.load(Relaxed)
    }

    /// How many of them are not dropped yet. Any context.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(rcu::retirements().outstanding() >= 0);
    /// ```
    pub fn outstanding(&self) -> i64 {
        // The smaller number first, so that the difference is never negative.
        let completed = self.completed.load(Acquire);
        self.queued.load(Relaxed) - completed
    }

    /// Waits until nothing is outstanding and no callback of this module runs any more.
    ///
    /// Process context, sleeps. Whoever could retire something must be gone, but for the drops
    /// that are outstanding themselves.
    fn wait(&self) {
        if self.total() == 0 {
            return;
        }
        loop {
            // Look first: the last callback counts itself completed shortly before it returns, and
            // what follows waits for its return. The barrier does so for vanilla RCU's callbacks.
            // A callback of SRCU or of Tasks RCU runs with softirqs disabled, which a grace period
            // waits for; it may have queued the work item that is flushed then.
            let idle = self.outstanding() == 0;
            grace_period::barrier();
            grace_period::synchronize();
            // SAFETY: Process context, and the worker never waits for the caller.
            unsafe { sys::rculab_flush_reclaim() };
            if idle {
                return;
            }
            // Another domain's callbacks may be the ones outstanding, and no barrier here waits
            // for those.
            fsleep(Delta::from_millis(1));
        }
    }
}

/// Waits, when dropped, for everything that the module retired.
struct WaitOnDrop;

impl Drop for WaitOnDrop {
    fn drop(&mut self) {
        retirements().wait();
    }
}

/// A module that unloads only when nothing it retired is outstanding.
///
/// Pending callbacks point into the module's text. So the module's own state is dropped first, and
/// then unloading, and a failed initialization just the same, waits: also for what drops retire in
/// turn. A module that used no callback waits for nothing.
///
/// [`rcu_module!`](crate::rcu_module) wraps a module in it.
///
/// # Examples
///
/// ```
/// # use rcu::RcuModule;
/// // Waiting takes no room in the module's state.
/// assert_eq!(size_of::<RcuModule<[u64; 4]>>(), size_of::<[u64; 4]>());
/// ```
#[pin_data]
pub struct RcuModule<M> {
    // Dropped in this order.
    #[pin]
    module: M,
    wait: WaitOnDrop,
    #[pin]
    _pin: PhantomPinned,
}

impl<M: InPlaceModule> RcuModule<M> {
    /// Initializes the module inside. For [`rcu_module!`](crate::rcu_module).
    #[doc(hidden)]
    pub fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            // First, so that it is dropped, and waits, also when the module's own init fails.
            wait: WaitOnDrop,
            module <- M::init(module),
            _pin: PhantomPinned,
        })
    }
}

/// Declares a module whose unloading waits for what it retired.
///
/// Takes what the kernel's `module!` takes, with `type` first, and after it, if there are any, the
/// module's static SRCU domains, each a type with the [kind](crate::srcu::Kind) of its readers, and
/// its global locks, each as in [`global_lock!`](kernel::sync::global_lock). Both are there before
/// the module's `init` and until everything else of it is gone. A module that links the `rcu` crate
/// and is declared in another way does not build: `modpost` reports
/// `declare_the_module_with_rcu_module` as undefined.
///
/// # Examples
///
/// ```
/// use kernel::prelude::*;
///
/// rcu::rcu_module! {
///     type: Driver,
///     srcu: [
///         /// Routes are read in it.
///         pub(crate) Routes: Fast,
///     ],
///     locks: [
///         /// Routes are changed under it.
///         pub(crate) ROUTES: Mutex<()> = (),
///     ],
///     name: "driver",
///     authors: ["A. Author"],
///     description: "A driver that uses RCU",
///     license: "GPL",
/// }
///
/// struct Driver;
///
/// impl kernel::Module for Driver {
///     fn init(_module: &'static ThisModule) -> Result<Self> {
///         Ok(Driver)
///     }
/// }
/// ```
#[macro_export]
macro_rules! rcu_module {
    (type: $type:ty, srcu: [$($domains:tt)*], locks: [$($locks:tt)*], $($rest:tt)*) => {
        $crate::static_domains! { $($domains)* }
        $crate::static_locks! { $($locks)* }

        #[no_mangle]
        static declare_the_module_with_rcu_module: $crate::Retirements =
            // SAFETY: The module is wrapped below, and the wrapper waits.
            unsafe { $crate::Retirements::new() };

        /// The module, wrapped: what its unloading waits for is [`rcu::RcuModule`]'s matter.
        #[::kernel::prelude::pin_data]
        struct WrappedModule {
            // Dropped in this order.
            #[pin]
            module: $crate::RcuModule<$type>,
            domains: StaticDomains,
        }

        impl ::kernel::InPlaceModule for WrappedModule {
            fn init(
                module: &'static ::kernel::ThisModule,
            ) -> impl ::kernel::prelude::PinInit<Self, ::kernel::error::Error> {
                ::kernel::prelude::try_pin_init!(Self {
                    domains: {
                        declare_the_module_with_rcu_module.begin()?;
                        // SAFETY: The module begins, so nothing else of it ran, nor does this again.
                        unsafe { init_static_locks() };
                        // SAFETY: There is one module, and nothing of it comes earlier or goes
                        // later.
                        unsafe { StaticDomains::new()? }
                    },
                    module <- $crate::RcuModule::<$type>::init(module),
                })
            }
        }

        ::kernel::prelude::module! {
            type: WrappedModule,
            $($rest)*
        }
    };
    (type: $type:ty, locks: [$($locks:tt)*], srcu: [$($domains:tt)*], $($rest:tt)*) => {
        $crate::rcu_module! {
            type: $type, srcu: [$($domains)*], locks: [$($locks)*], $($rest)*
        }
    };
    (type: $type:ty, srcu: [$($domains:tt)*], $($rest:tt)*) => {
        $crate::rcu_module! { type: $type, srcu: [$($domains)*], locks: [], $($rest)* }
    };
    (type: $type:ty, locks: [$($locks:tt)*], $($rest:tt)*) => {
        $crate::rcu_module! { type: $type, srcu: [], locks: [$($locks)*], $($rest)* }
    };
    (type: $type:ty, $($rest:tt)*) => {
        $crate::rcu_module! { type: $type, srcu: [], locks: [], $($rest)* }
    };
}
