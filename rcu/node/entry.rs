// SPDX-License-Identifier: GPL-2.0

//! Objects as readers find them.

use super::{
    links_of,
    owner_at,
    value_of,
    Shape,
    Sole, //
};
use core::{
    marker::PhantomData,
    ops::Deref,
    ptr::NonNull, //
};
use kernel::{
    bindings,
    sync::atomic::Relaxed, //
};

/// An object in a list, as a reader or the updater sees it.
///
/// It can be asked for in any list that may hold the object: see
/// [`RcuList::cursor_at`](crate::RcuList::cursor_at).
///
/// # Invariants
///
/// `value` is in an `Inner<T, S>`.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::{list::Node, RcuList};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
/// use rcu::list::Entry;
///
/// /// Looks for `value` among what a reader sees.
/// fn find<'g>(mut entries: impl Iterator<Item = Entry<'g, u32>>, value: u32) -> bool {
///     entries.any(|entry| *entry == value)
/// }
///
/// # for value in 0..3 {
/// #     list.cursor(&mut lock.lock())?.push_back(Node::new(value, GFP_KERNEL)?);
/// # }
/// assert!(find(list.iter(&rcu::read_lock()), 1));
/// # Ok::<(), Error>(())
/// ```
pub struct Entry<'g, T, S: Shape = Sole> {
    value: &'g T,
    _shape: PhantomData<S>,
}

impl<'g, T: Send + Sync + 'static, S: Shape> Entry<'g, T, S> {
    /// The object whose links number `ID` are `links`.
    ///
    /// # Safety
    ///
    /// `links` are in slot `ID` of an `Inner<T, S>` that stays alive for `'g`.
    #[inline(always)]
    pub(crate) unsafe fn new<const ID: usize>(links: *mut bindings::list_head) -> Self {
        // INVARIANT: By the caller.
        Self {
            // SAFETY: By the caller.
            value: unsafe { &*value_of::<T, ID, S>(links) },
            _shape: PhantomData,
        }
    }

    /// The value, for as long as the guard lasts.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuList};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
    /// # for value in 0..3 {
    /// #     list.cursor(&mut lock.lock())?.push_back(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let guard = rcu::read_lock();
    /// // Lives as long as the guard, not as the entry.
    /// let first: &u32 = list.iter(&guard).next().ok_or(ENOENT)?.get();
    /// assert_eq!(*first, 0);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn get(self) -> &'g T {
        self.value
    }

    /// The links number `ID`, if the list that is called `owner` holds them.
    ///
    /// Only under that list's lock can the answer be yes, and stays so while the lock is held.
    #[inline]
    pub(crate) fn links_in<const ID: usize>(
        self,
        owner: usize,
    ) -> Option<*mut bindings::list_head> {
        const { assert!(ID < S::LINKS, "the object has no link of this number") };
        let links = links_of::<T, ID, S>(NonNull::from(self.value));
        // SAFETY: By the type invariants the slot is there. When the link waits to be reclaimed,
        // the kernel writes the word, as a whole, and never the address of a list.
        (unsafe { owner_at(links) }.load(Relaxed) == owner).then_some(links)
    }
}

impl<T, S: Shape> Clone for Entry<'_, T, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, S: Shape> Copy for Entry<'_, T, S> {}

impl<T, S: Shape> Deref for Entry<'_, T, S> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.value
    }
}
