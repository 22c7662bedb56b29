// SPDX-License-Identifier: GPL-2.0

//! The kinds of readers that an SRCU domain may have.
//!
//! The kernel forbids to mix them in one domain, and in most configurations does not look. Here the
//! kind is part of the domain's type.

use crate::{
    domain::sealed,
    sys, //
};
use kernel::{
    bindings,
    ffi::{
        c_char,
        c_int, //
    },
};

/// What the readers of an SRCU domain are.
///
/// | kind | enters by | a section costs | may be entered in |
/// |---|---|---|---|
/// | [`Normal`] | `srcu_read_lock()` | two full barriers | any context but NMI |
/// | [`NmiSafe`] | `srcu_read_lock_nmisafe()` | the same, or atomics | any context |
/// | [`Fast`] | `srcu_read_lock_fast()` | no barriers | any context in which RCU watches |
/// | [`FastUpDown`] | `srcu_read_lock_fast_updown()` | no barriers | the same, but NMI |
///
/// A grace period of a fast domain waits for vanilla grace periods in turn.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::{srcu::Kind, Srcu};
///
/// /// Reads in a domain of any kind.
/// fn read_in<K: Kind>(domain: &Srcu<K>) {
///     let _guard = domain.read_lock();
/// }
///
/// let normal = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
/// let fast = KBox::pin_init(rcu::new_srcu!(rcu::srcu::Fast), GFP_KERNEL)?;
/// read_in(&normal);
/// read_in(&fast);
/// # Ok::<(), Error>(())
/// ```
pub trait Kind: sealed::Sealed + 'static {
    /// What entering gives and leaving wants.
    #[doc(hidden)]
    type Token: Copy;

    /// Initializes a domain for this kind.
    ///
    /// # Safety
    ///
    /// `domain` is valid for writing, and stays where it is; `name` and `key` live for ever.
    #[doc(hidden)]
    unsafe fn init(
        domain: *mut bindings::srcu_struct,
        name: *const c_char,
        key: *mut bindings::lock_class_key,
    ) -> c_int;

    /// Enters a section.
    ///
    /// # Safety
    ///
    /// `domain` was initialized by [`Kind::init`] of this kind.
    #[doc(hidden)]
    unsafe fn enter(domain: *mut bindings::srcu_struct) -> Self::Token;

    /// Leaves a section.
    ///
    /// # Safety
    ///
    /// The section was entered on `domain` by [`Kind::enter`], which gave `token`, by the same task,
    /// and not left since.
    #[doc(hidden)]
    unsafe fn leave(domain: *mut bindings::srcu_struct, token: Self::Token);
}

/// A kind whose sections may also be entered in one context and left in another:
/// [`Srcu::down_read`](crate::Srcu::down_read).
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::{srcu::{DownGuard, UpDown}, Srcu};
///
/// fn start_request<K: UpDown>(domain: &Srcu<K>) -> DownGuard<&Srcu<K>> {
///     domain.down_read()
/// }
///
/// let domain = KBox::pin_init(rcu::new_srcu!(rcu::srcu::FastUpDown), GFP_KERNEL)?;
/// start_request(&domain).up();
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "a section of the kind `{Self}` is left by the task that entered it",
    label = "no up and down here",
    note = "domains of the kinds `Normal` and `FastUpDown` have them"
)]
pub trait UpDown: Kind {
    /// Enters a section that any context may leave.
    ///
    /// # Safety
    ///
    /// As for [`Kind::enter`].
    #[doc(hidden)]
    unsafe fn down(domain: *mut bindings::srcu_struct) -> Self::Token;

    /// Leaves a section in any context.
    ///
    /// # Safety
    ///
    /// The section was entered on `domain` by [`UpDown::down`], which gave `token`, and not left
    /// since.
    #[doc(hidden)]
    unsafe fn up(domain: *mut bindings::srcu_struct, token: Self::Token);
}

/// Defines a kind by the functions it stands on.
macro_rules! kind {
    (
        $(#[$doc:meta])*
        $name:ident: $token:ty, $init:ident, $lock:ident, $unlock:ident
        $(, $down:ident, $up:ident)?
    ) => {
        $(#[$doc])*
        pub struct $name;

        impl sealed::Sealed for $name {}

        impl Kind for $name {
            type Token = $token;

            #[inline]
            unsafe fn init(
                domain: *mut bindings::srcu_struct,
                name: *const c_char,
                key: *mut bindings::lock_class_key,
            ) -> c_int {
                // SAFETY: By the caller.
                unsafe { sys::$init(domain, name, key) }
            }

            #[inline(always)]
            unsafe fn enter(domain: *mut bindings::srcu_struct) -> $token {
                // SAFETY: By the caller the domain is initialized, for this kind.
                unsafe { sys::$lock(domain) }
            }

            #[inline(always)]
            unsafe fn leave(domain: *mut bindings::srcu_struct, token: $token) {
                // SAFETY: By the caller the section was entered by the function that is undone.
                unsafe { sys::$unlock(domain, token) }
            }
        }

        $(
            impl UpDown for $name {
                #[inline(always)]
                unsafe fn down(domain: *mut bindings::srcu_struct) -> $token {
                    // SAFETY: By the caller the domain is initialized, for this kind.
                    unsafe { sys::$down(domain) }
                }

                #[inline(always)]
                unsafe fn up(domain: *mut bindings::srcu_struct, token: $token) {
                    // SAFETY: By the caller the section was entered by the function that is undone.
                    unsafe { sys::$up(domain, token) }
                }
            }
        )?
    };
}

kind! {
    /// Readers of `srcu_read_lock()` and `srcu_down_read()`: the kind to begin with.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// drop(domain.read_lock());
    /// # Ok::<(), Error>(())
    /// ```
    Normal: c_int, rculab_init_srcu_struct, srcu_read_lock, srcu_read_unlock,
    rculab_srcu_down_read, rculab_srcu_up_read
}

kind! {
    /// Readers of `srcu_read_lock_nmisafe()`: for domains that NMI handlers read in.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// use rcu::srcu::NmiSafe;
    ///
    /// let domain = KBox::pin_init(rcu::new_srcu!(NmiSafe), GFP_KERNEL)?;
    /// drop(domain.read_lock());
    /// # Ok::<(), Error>(())
    /// ```
    NmiSafe: c_int, rculab_init_srcu_struct, srcu_read_lock_nmisafe, srcu_read_unlock_nmisafe
}

kind! {
    /// Readers of `srcu_read_lock_fast()`: cheap, at the price of slower grace periods.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// use rcu::srcu::Fast;
    ///
    /// let domain = KBox::pin_init(rcu::new_srcu!(Fast), GFP_KERNEL)?;
    /// drop(domain.read_lock());
    /// # Ok::<(), Error>(())
    /// ```
    Fast: sys::SrcuCtr, rculab_init_srcu_struct_fast,
    rculab_srcu_read_lock_fast, rculab_srcu_read_unlock_fast
}

kind! {
    /// Readers of `srcu_read_lock_fast_updown()` and `srcu_down_read_fast()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// use rcu::srcu::FastUpDown;
    ///
    /// let domain = KBox::pin_init(rcu::new_srcu!(FastUpDown), GFP_KERNEL)?;
    /// drop(domain.read_lock());
    /// domain.down_read().up();
    /// # Ok::<(), Error>(())
    /// ```
    FastUpDown: sys::SrcuCtr, rculab_init_srcu_struct_fast_updown,
    rculab_srcu_read_lock_fast_updown, rculab_srcu_read_unlock_fast_updown,
    rculab_srcu_down_read_fast, rculab_srcu_up_read_fast
}
