// SPDX-License-Identifier: GPL-2.0

//! All entries of a list at once, into another one: `list_splice_init_rcu()`, in two halves with a
//! grace period in between.

use super::{
    links::{
        back,
        front,
        Links, //
    },
    steps::{
        self,
        Follow, //
    },
    Chain,
    Cursor,
    Direction,
    Shape, //
};
use crate::{
    Domain,
    Retired, //
};

/// What removing all entries returns.
type RemovedAll<T, const ID: usize, S, D> = Retired<Chain<T, ID, S>, D>;

impl<T, const ID: usize, S, D, W> Cursor<'_, T, ID, S, D, W>
where
    T: Send + Sync + 'static,
    S: Shape,
    D: Domain,
    W: Direction,
{
    /// Removes all entries, as one: one grace period serves them, and one callback. There is
    /// nothing for the cursor to stand at then.
    ///
    /// A reader that is among them walks them to their end, and then has come to the end of the
    /// list: it misses what is added meanwhile.
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
    /// // Three entries, one callback.
    /// list.cursor(&mut lock.lock())?.take_all().ok_or(ENOENT)?.call_rcu();
    /// assert!(list.is_empty());
    /// assert!(list.cursor(&mut lock.lock())?.take_all().is_none());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn take_all(&mut self) -> Option<RemovedAll<T, ID, S, D>> {
        let head = self.list.head();
        let (first, last) = (head.next(), head.prev());
        if first == head {
            return None;
        }
        steps::leave_out::<_, W>(head, head);
        // INVARIANT: The head is the list's.
        self.current = head;
        // SAFETY: The list's nodes, from the first to the last, are in no list now.
        let chain = unsafe { Chain::of(first, last) };
        // SAFETY: The entries were unlinked just above, and by the type invariants readers reach
        // them in the domain only.
        Some(unsafe { Retired::new(chain, self.domain) })
    }

    /// Puts all entries of a chain first: `list_splice_rcu()`. The cursor stays where it is.
    ///
    /// A chain that was in a list comes from there by way of a grace period: a reader that walked
    /// it would go on in this list, and look in vain for the head of its own.
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
    /// let chain = list.cursor(&mut lock.lock())?.take_all().ok_or(ENOENT)?.synchronize();
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// cursor.push_back(Node::new(3, GFP_KERNEL)?);
    /// cursor.splice_front(chain);
    /// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([0, 1, 2, 3]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn splice_front(&mut self, chain: Chain<T, ID, S>) {
        self.splice(chain, front(self.list.head()));
    }

    /// Puts all entries of a chain last, as [`Cursor::splice_front`].
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
    /// let chain = list.cursor(&mut lock.lock())?.take_all().ok_or(ENOENT)?.synchronize();
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// cursor.push_back(Node::new(3, GFP_KERNEL)?);
    /// cursor.splice_back(chain);
    /// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([3, 0, 1, 2]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn splice_back(&mut self, chain: Chain<T, ID, S>) {
        self.splice(chain, back(self.list.head()));
    }

    /// Puts a chain, which no reader can reach, between neighbours in the list.
    fn splice(&mut self, chain: Chain<T, ID, S>, (prev, next): (Links, Links)) {
        let (first, last) = chain.give_to(self.list.name());
        // INVARIANT: The list's lock is held; the nodes are the list's from here, and their slots
        // say so.
        steps::splice::<_, W>(first, last, prev, next);
    }
}
