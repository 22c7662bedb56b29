// SPDX-License-Identifier: GPL-2.0

//! Sleepable RCU: domains whose readers may sleep.
//!
//! A domain has an owner, a kind of readers ([`Kind`]), and grace periods that wait for them alone:
//!
//! | domain | owned by | cells |
//! |---|---|---|
//! | [`Srcu`] | whoever holds it | [`SrcuCell`], bound to it when it is made |
//! | declared in [`rcu_module!`](crate::rcu_module) | the module | [`Rcu`](crate::Rcu), [`AtomicRcu`](crate::AtomicRcu), bound by its type |
//!
//! C header: [`include/linux/srcu.h`](srctree/include/linux/srcu.h)

use crate::{
    sys,
    Domain,
    Expedited, //
};
use kernel::{
    bindings,
    error::to_result,
    prelude::*,
    sync::LockClassKey,
    types::Opaque, //
};

mod cell;
mod fixed;
mod guard;
mod handle;
mod kind;
mod registry;

pub(crate) use cell::DomainId;
pub use cell::{
    SrcuCell,
    WrongDomain, //
};
#[doc(hidden)]
pub use fixed::{
    Owner,
    Static,
    Storage, //
};
pub use guard::{
    DownGuard,
    Guard,
    Section, //
};
pub use handle::Handle;
pub use kind::{
    Fast,
    FastUpDown,
    Kind,
    NmiSafe,
    Normal,
    UpDown, //
};
pub use registry::{
    domains,
    Seen, //
};

/// Creates an initializer for an [`Srcu`] with a name and a lock class of its own.
///
/// The kind of its readers comes first if it is not [`Normal`](crate::srcu::Normal).
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::srcu::NmiSafe;
///
/// let plain = KBox::pin_init(rcu::new_srcu!("plain"), GFP_KERNEL)?;
/// let nmi = KBox::pin_init(rcu::new_srcu!(NmiSafe, "nmi"), GFP_KERNEL)?;
/// drop((plain.read_lock(), nmi.read_lock()));
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! new_srcu {
    ($($name:literal)?) => {
        $crate::new_srcu!($crate::srcu::Normal $(, $name)?)
    };
    ($kind:ty $(, $name:literal)?) => {
        $crate::Srcu::<$kind>::new(
            ::kernel::optional_name!($($name)?),
            ::kernel::static_lock_class!(),
        )
    };
}

/// A domain of sleepable RCU.
///
/// Its readers may sleep, and only its own grace periods wait for them. Dropping it waits for
/// everything that was asked of it: readers, grace periods, callbacks. So it is dropped in process
/// context; and a guard that was leaked makes the drop wait for ever, which is a bug in the code
/// that leaked it, but never a use of freed memory.
///
/// # Invariants
///
/// `inner` is initialized by [`Kind::init`] of `K` and stays where it is until it is dropped.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::Srcu;
/// #[pin_data]
/// struct Device {
///     #[pin]
///     domain: Srcu,
/// }
///
/// impl Device {
///     fn new() -> impl PinInit<Self, Error> {
///         try_pin_init!(Self { domain <- rcu::new_srcu!("device") })
///     }
///
///     fn work(&self) {
///         let _guard = self.domain.read_lock();
///         // May sleep here.
///     }
/// }
///
/// let device = KBox::pin_init(Device::new(), GFP_KERNEL)?;
/// device.work();
/// device.domain.synchronize();
/// # Ok::<(), Error>(())
/// ```
#[pin_data(PinnedDrop)]
pub struct Srcu<K: Kind = Normal> {
    #[pin]
    inner: Opaque<bindings::srcu_struct>,
    _kind: core::marker::PhantomData<K>,
}

impl<K: Kind> Srcu<K> {
    /// Creates an initializer; see [`new_srcu!`](crate::new_srcu). Process context, allocates.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{prelude::*, static_lock_class};
    /// use rcu::{srcu::Fast, Srcu};
    ///
    /// let init = Srcu::<Fast>::new(c"fast", static_lock_class!());
    /// let domain = KBox::pin_init(init, GFP_KERNEL)?;
    /// drop(domain.read_lock());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(name: &'static CStr, key: Pin<&'static LockClassKey>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            // INVARIANT: On success `inner` is initialized, in the place where it stays.
            inner <- Opaque::try_ffi_init(|slot| {
                // SAFETY: `slot` is valid for writing, `name` and `key` live for ever.
                to_result(unsafe { K::init(slot, name.as_char_ptr(), key.as_ptr()) })?;
                // SAFETY: It is initialized now, and `drop` takes it down.
                unsafe { registry::add(slot, name) };
                Ok::<(), Error>(())
            }),
            _kind: core::marker::PhantomData,
        })
    }

    #[inline(always)]
    fn as_ptr(&self) -> *mut bindings::srcu_struct {
        self.inner.get()
    }

    /// Enters a read-side critical section of this domain: `srcu_read_lock()` and its like.
    ///
    /// The context that [`Kind`] says. The section may sleep if its context may.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// let guard = domain.read_lock();
    /// // What was published before is alive up to here.
    /// drop(guard);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline(always)]
    pub fn read_lock(&self) -> Guard<&Self> {
        Handle::read_lock(self)
    }

    /// Waits until every reader of this domain that is there now has left: `synchronize_srcu()`.
    ///
    /// Process context, sleeps. Never to be called by a reader of the same domain.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// domain.synchronize();
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn synchronize(&self) {
        Domain::synchronize(self)
    }

    /// As [`Srcu::synchronize`], sooner: `synchronize_srcu_expedited()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// domain.synchronize_expedited();
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn synchronize_expedited(&self) {
        Expedited::synchronize_expedited(self)
    }

    /// Waits until every callback queued on this domain before has run: `srcu_barrier()`.
    ///
    /// Process context, sleeps.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// domain.barrier();
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn barrier(&self) {
        Domain::barrier(self)
    }
}

impl<K: UpDown> Srcu<K> {
    /// Enters a section that another task, or an interrupt handler, may leave: `srcu_down_read()`.
    ///
    /// Any context but NMI. Lockdep does not follow such a section.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// let request = domain.down_read();
    /// // ... whoever completes the request ...
    /// request.up();
    /// # Ok::<(), Error>(())
    /// ```
    #[inline(always)]
    pub fn down_read(&self) -> DownGuard<&Self> {
        Handle::down_read(self)
    }
}

/// Waits for everything that was asked of a domain, and takes it down. Process context, sleeps.
///
/// # Safety
///
/// `domain` was initialized by [`Kind::init`], and nobody uses it any more but its readers,
/// callbacks and grace periods.
unsafe fn take_down(domain: *mut bindings::srcu_struct) {
    registry::remove(domain);
    // A grace period that was only polled for may still be due or running, and
    // `cleanup_srcu_struct()` refuses a domain in that state. Grace periods of a domain come in
    // order: when the one that starts here has ended, so have the earlier ones. It also waits for
    // a reader whose guard was leaked, rather than freeing the domain under it.
    //
    // SAFETY: By the caller the domain is initialized.
    unsafe { bindings::synchronize_srcu(domain) };
    for _ in 0..2 {
        // Twice, since the callback of `srcu_expedite_current()` queues itself once more if it was
        // called again meanwhile.
        //
        // SAFETY: As above.
        unsafe { sys::srcu_barrier(domain) };
    }
    // SAFETY: As above. No reader, grace period or callback is left, and nobody starts one.
    unsafe { bindings::cleanup_srcu_struct(domain) };
}

#[pinned_drop]
impl<K: Kind> PinnedDrop for Srcu<K> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariants the domain is initialized. `self` is borrowed exclusively,
        // and handles, guards and cookies borrow it.
        unsafe { take_down(self.as_ptr()) };
    }
}

// SAFETY: A domain may be used and dropped by any task.
unsafe impl<K: Kind> Send for Srcu<K> {}
// SAFETY: All that `&Srcu` offers may be done by several tasks at once.
unsafe impl<K: Kind> Sync for Srcu<K> {}
