// SPDX-License-Identifier: GPL-2.0

//! Lists that readers walk without a lock.
//!
//! C header: [`include/linux/rculist.h`](srctree/include/linux/rculist.h)

mod chain;
mod cursor;
mod direction;
mod global;
mod iter;
mod links;
mod raw;
#[doc(hidden)]
pub mod sabotage;
mod splice;
mod srcu;
mod steps;

pub use self::{
    chain::Chain,
    cursor::Cursor,
    direction::{
        Bidirectional,
        Direction,
        Forward, //
    },
    global::{
        RcuBidirList,
        RcuList, //
    },
    iter::{
        Iter,
        Rev, //
    },
    srcu::SrcuList,
};
pub use crate::node::{
    Entry,
    Node,
    Pair,
    Shape,
    Shared,
    Sole,
    Triple, //
};

pub(crate) use self::{
    links::store,
    steps::Order, //
};

use crate::{
    Retired,
    Vanilla,
    WrongLock, //
};
use kernel::prelude::*;

/// What a removal returns: a node that readers of `D` may still see.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::list::{Node, Removed};
///
/// /// Gives up one entry, whichever list it came from.
/// fn retire(old: Removed<u32>) {
///     old.call_rcu();
/// }
///
/// # use rcu::{Domain, Vanilla};
/// retire(Vanilla.retire(Node::new(7, GFP_KERNEL)?));
/// # Ok::<(), Error>(())
/// ```
pub type Removed<T, D = Vanilla, const ID: usize = 0, S = Sole> = Retired<Node<T, ID, S>, D>;

/// Why an update of a list, or of an [`SrcuCell`](crate::SrcuCell), is refused. Nothing was
/// changed.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::{list::{Node, Refusal}, RcuList};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
/// # list.cursor(&mut lock.lock())?.push_back(Node::new(1, GFP_KERNEL)?);
/// let mut guard = lock.lock();
/// let reader = rcu::read_lock();
/// let found = list.iter(&reader).next().ok_or(ENOENT)?;
/// list.cursor_at(&mut guard, found)?.remove().ok_or(ENOENT)?.call_rcu();
/// // The reader still has it, and the list does not.
/// let again = list.cursor_at(&mut guard, found).map(|_| ());
/// assert_eq!(again, Err(Refusal::NotHere));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The guard is of another lock than the list's or cell's.
    WrongLock,
    /// The guard, or the domain, is another than the list's or cell's.
    WrongDomain,
    /// The entry is not in this list: in another one, or removed meanwhile.
    NotHere,
}

impl From<WrongLock> for Refusal {
    #[inline]
    fn from(_: WrongLock) -> Self {
        Self::WrongLock
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::WrongLock | Refusal::WrongDomain => EINVAL,
            Refusal::NotHere => ENOENT,
        }
    }
}
