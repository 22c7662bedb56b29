// SPDX-License-Identifier: GPL-2.0

//! Static domains: one type each, owned by the module.
//!
//! `DEFINE_STATIC_SRCU()` can be written in C only. Here the structure is a static of the module,
//! initialized before the module's own `init` and taken down after everything else of it is gone,
//! so that no code of the module ever sees it in another state.

use super::{
    registry,
    take_down,
    Handle,
    Kind, //
};
use crate::Global;
use core::marker::PhantomData;
use kernel::{
    bindings,
    error::to_result,
    prelude::*,
    sync::LockClassKey,
    types::Opaque, //
};

/// Where a static domain stands.
pub struct Storage<K>(Opaque<bindings::srcu_struct>, PhantomData<K>);

// SAFETY: Everything that is done to it, the kernel's functions serialize.
unsafe impl<K> Sync for Storage<K> {}

impl<K: Kind> Storage<K> {
    /// Room for a domain.
    #[expect(clippy::new_without_default, reason = "it is for a static")]
    pub const fn new() -> Self {
        Self(Opaque::uninit(), PhantomData)
    }

    /// The domain.
    #[inline(always)]
    pub const fn get(&self) -> *mut bindings::srcu_struct {
        self.0.get()
    }
}

/// The type of a static domain.
///
/// # Safety
///
/// An [`Owner`] of the domain exists as long as other code of the module runs.
pub unsafe trait Static: Handle + Global {
    /// Its name for lockdep.
    const NAME: &'static CStr;

    /// Its class for lockdep.
    fn class() -> Pin<&'static LockClassKey>;
}

/// The owner of a static domain: part of the module.
pub struct Owner<D: Static>(PhantomData<D>);

impl<D: Static> Owner<D> {
    /// Initializes the domain. Process context, allocates.
    ///
    /// # Safety
    ///
    /// There is no other owner.
    pub unsafe fn new() -> Result<Self> {
        let domain = D::DOMAIN.srcu();
        // SAFETY: It is a static, of which nobody else knows yet.
        to_result(unsafe { D::Kind::init(domain, D::NAME.as_char_ptr(), D::class().as_ptr()) })?;
        // SAFETY: It is initialized now, and `drop` takes it down.
        unsafe { registry::add(domain, D::NAME) };
        Ok(Self(PhantomData))
    }
}

impl<D: Static> Drop for Owner<D> {
    fn drop(&mut self) {
        // SAFETY: The owner initialized it, and by the contract of `Static` no other code of the
        // module runs any more.
        unsafe { take_down(D::DOMAIN.srcu()) };
    }
}

/// Defines static domains and `StaticDomains`, the owner of all of them.
///
/// For [`rcu_module!`](crate::rcu_module), which keeps the contract of [`Static`].
#[doc(hidden)]
#[macro_export]
macro_rules! static_domains {
    ($(
        $(#[doc $($doc:tt)*])*
        $(#[cfg($($cfg:tt)*)])?
        $vis:vis $name:ident: $kind:ident
    ),* $(,)?) => {
        $(
            $(#[doc $($doc)*])*
            $(#[cfg($($cfg)*)])?
            #[derive(Clone, Copy)]
            $vis struct $name;

            $(#[cfg($($cfg)*)])?
            const _: () = {
                static STORAGE: $crate::srcu::Storage<$crate::srcu::$kind> =
                    $crate::srcu::Storage::new();

                impl $crate::private::Sealed for $name {}

                // SAFETY: By the contract of `Static` the domain is initialized, for this kind,
                // whenever code of the module can use the type.
                unsafe impl $crate::srcu::Handle for $name {
                    type Kind = $crate::srcu::$kind;

                    #[inline(always)]
                    fn srcu(self) -> *mut ::kernel::bindings::srcu_struct {
                        STORAGE.get()
                    }
                }

                impl $crate::Global for $name {
                    const DOMAIN: Self = $name;
                }

                // SAFETY: `rcu_module!` makes the owner before all else and drops it last.
                unsafe impl $crate::srcu::Static for $name {
                    const NAME: &'static ::kernel::str::CStr =
                        ::kernel::c_str!(stringify!($name));

                    fn class() -> ::core::pin::Pin<&'static ::kernel::sync::LockClassKey> {
                        ::kernel::static_lock_class!()
                    }
                }
            };
        )*

        /// The owner of the module's static domains.
        #[expect(non_snake_case, reason = "fields are named after domains")]
        struct StaticDomains {
            $(
                $(#[cfg($($cfg)*)])?
                $name: $crate::srcu::Owner<$name>,
            )*
        }

        impl StaticDomains {
            /// # Safety
            ///
            /// There is one, and it exists as long as other code of the module runs.
            unsafe fn new() -> ::kernel::error::Result<Self> {
                Ok(Self {
                    $(
                        $(#[cfg($($cfg)*)])?
                        // SAFETY: By the caller.
                        $name: unsafe { $crate::srcu::Owner::new()? },
                    )*
                })
            }
        }
    };
}
