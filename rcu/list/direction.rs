// SPDX-License-Identifier: GPL-2.0

//! Which ways readers go.

use super::steps::{
    Order,
    Ways,
    BACK_SEEN,
    BACK_UNSEEN, //
};
use crate::domain::sealed::Sealed;

/// Which ways readers walk a list: [`Forward`] or [`Bidirectional`].
///
/// # Examples
///
/// ```
/// use rcu::{list::{Direction, Sole}, RcuList, Vanilla};
///
/// /// Counts what a list holds, whichever ways it can be walked.
/// fn count<W: Direction>(list: &RcuList<u32, 0, Sole, Vanilla, W>) -> usize {
///     list.iter(&rcu::read_lock()).count()
/// }
///
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::list::Node;
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
/// # for value in 0..3 {
/// #     list.cursor(&mut lock.lock())?.push_back(Node::new(value, GFP_KERNEL)?);
/// # }
/// assert_eq!(count(&list), 3);
/// # Ok::<(), Error>(())
/// ```
pub trait Direction: Sealed + Ways + 'static {}

/// Readers walk the list forward only.
///
/// # Examples
///
/// ```
/// use rcu::{list::{Forward, Sole}, RcuList, Vanilla};
///
/// /// This is `RcuList<u32>`, spelled out.
/// type Jobs = RcuList<u32, 0, Sole, Vanilla, Forward>;
///
/// # use kernel::{new_mutex, prelude::*};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let jobs: Pin<KBox<Jobs>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
/// let jobs: Pin<KBox<RcuList<u32>>> = jobs;
/// # Ok::<(), Error>(())
/// ```
pub struct Forward;

/// Readers walk the list forward and backward.
///
/// # Examples
///
/// ```
/// use rcu::{list::{Bidirectional, Node, Sole}, RcuList, Vanilla};
///
/// /// This is `RcuBidirList<u32>`, spelled out.
/// type Jobs = RcuList<u32, 0, Sole, Vanilla, Bidirectional>;
///
/// # use kernel::{new_mutex, prelude::*};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let jobs: Pin<KBox<Jobs>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
/// jobs.cursor(&mut lock.lock())?.push_back(Node::new(7, GFP_KERNEL)?);
/// assert_eq!(jobs.iter_rev(&rcu::read_lock()).count(), 1);
/// # Ok::<(), Error>(())
/// ```
pub struct Bidirectional;

impl Sealed for Forward {}
impl Direction for Forward {}
impl Ways for Forward {
    const PUBLISH_BACK: Order = BACK_UNSEEN;
}

impl Sealed for Bidirectional {}
impl Direction for Bidirectional {}
impl Ways for Bidirectional {
    const PUBLISH_BACK: Order = BACK_SEEN;
}
