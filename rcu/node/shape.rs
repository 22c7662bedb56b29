// SPDX-License-Identifier: GPL-2.0

//! How many links an object has.

use super::layout::Slot;
use crate::domain::sealed::Sealed;
use kernel::sync::atomic::{
    Atomic,
    Full, //
};

/// How many links an object has: [`Sole`] or [`Shared`].
///
/// # Examples
///
/// ```
/// use rcu::list::{Shape, Shared, Sole};
///
/// assert_eq!((Sole::LINKS, Shared::<3>::LINKS), (1, 3));
/// ```
pub trait Shape: Sealed + 'static {
    /// The number of links.
    const LINKS: usize;
    /// An array of so many [`Slot`]s.
    #[doc(hidden)]
    type Slots;
    /// Counts who shares the object.
    #[doc(hidden)]
    type Shares;
    #[doc(hidden)]
    fn slots() -> Self::Slots;
    #[doc(hidden)]
    fn shares() -> Self::Shares;
    /// Gives a share up, and returns whether it was the last one.
    #[doc(hidden)]
    fn release(shares: &Self::Shares) -> bool;
}

/// The shape of an object with one link: in one list at a time, which owns it.
///
/// # Examples
///
/// ```
/// use rcu::list::{Node, Sole};
///
/// // Two words for the list, and two for reclaiming.
/// assert_eq!(Node::<u64, 0, Sole>::OVERHEAD, 4 * size_of::<usize>());
/// ```
pub struct Sole;

/// The shape of an object with `N` links: in up to `N` lists at a time, which share it.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*};
/// use rcu::{list::{Node, Shared}, RcuList};
///
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let by_age: Pin<KBox<RcuList<u32, 0, Shared<2>>>> =
///     KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
/// let by_use: Pin<KBox<RcuList<u32, 1, Shared<2>>>> =
///     KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
///
/// let (one, other) = Node::pair(7, GFP_KERNEL)?;
/// let mut guard = lock.lock();
/// by_age.cursor(&mut guard)?.push_back(one);
/// by_use.cursor(&mut guard)?.push_front(other);
///
/// // Found in one list, removed from the other.
/// let reader = rcu::read_lock();
/// let found = by_age.iter(&reader).next().ok_or(ENOENT)?;
/// by_use.cursor_at(&mut guard, found)?.remove().ok_or(ENOENT)?.call_rcu();
/// assert!(by_use.is_empty() && !by_age.is_empty());
/// # Ok::<(), Error>(())
/// ```
pub struct Shared<const N: usize>;

impl Sealed for Sole {}
impl Shape for Sole {
    const LINKS: usize = 1;
    type Slots = [Slot; 1];
    type Shares = ();

    fn slots() -> Self::Slots {
        [Slot::new()]
    }

    fn shares() -> Self::Shares {}

    #[inline(always)]
    fn release((): &Self::Shares) -> bool {
        true
    }
}

impl<const N: usize> Sealed for Shared<N> {}
impl<const N: usize> Shape for Shared<N> {
    const LINKS: usize = N;
    type Slots = [Slot; N];
    type Shares = Atomic<usize>;

    fn slots() -> Self::Slots {
        [const { Slot::new() }; N]
    }

    fn shares() -> Self::Shares {
        Atomic::new(N)
    }

    #[inline]
    fn release(shares: &Self::Shares) -> bool {
        // The last one drops the object, after what all others did with it.
        shares.fetch_sub(1, Full) == 1
    }
}
