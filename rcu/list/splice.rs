// SPDX-License-Identifier: GPL-2.0

//! All entries of a list at once, into another one: `list_splice_init_rcu()`, in two halves with a
//! grace period in between.

use super::{
    links::{
        back,
        front,
        Links, //
    },
    raw::RawList,
    steps::{
        self,
        Follow, //
    },
    Chain,
    Direction,
    RcuList,
    Refusal,
    Shape,
    SrcuList, //
};
use crate::{
    srcu::DomainId,
    Global,
    Retired,
    Srcu,
    WrongLock, //
};
use kernel::{
    prelude::*,
    sync::lock::{
        Backend,
        Guard, //
    },
};

/// What removing all entries returns.
type RemovedAll<T, const ID: usize, S, D> = Retired<Chain<T, ID, S>, D>;

impl<T: Send + Sync + 'static, const ID: usize, S: Shape, W: Direction> RawList<T, ID, S, W> {
    /// Empties the list. `None` if it is empty already.
    pub(super) fn take_all<U: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, U, B>,
    ) -> Result<Option<Chain<T, ID, S>>, WrongLock> {
        self.check(guard)?;
        let head = self.head();
        let first = head.next();
        if first == head {
            return Ok(None);
        }
        let last = head.prev();
        steps::leave_out::<_, W>(head, head);
        // SAFETY: The list's nodes, from the first to the last, are in no list now.
        Ok(Some(unsafe { Chain::of(first, last) }))
    }

    /// Puts a chain, which no reader can reach, into the list.
    pub(super) fn splice<U: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, U, B>,
        chain: Chain<T, ID, S>,
        place: impl FnOnce(Links) -> (Links, Links),
    ) -> Result<(), WrongLock<Chain<T, ID, S>>> {
        if self.check(guard).is_err() {
            return Err(WrongLock(chain));
        }
        let (first, last) = chain.give_to(self.name());
        let (prev, next) = place(self.head());
        // INVARIANT: This is the list's lock, held exclusively; the nodes are the list's from here,
        // and their slots say so.
        steps::splice::<_, W>(first, last, prev, next);
        Ok(())
    }
}

impl<T, const ID: usize, S, D, W> RcuList<T, ID, S, D, W>
where
    T: Send + Sync + 'static,
    S: Shape,
    D: Global,
    W: Direction,
{
    /// Removes all entries, as one: one grace period serves them, and one callback. The context of
    /// the lock.
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
    /// #     list.push_back(&mut lock.lock(), Node::new(value, GFP_KERNEL)?)?;
    /// # }
    /// // Three entries, one callback.
    /// list.take_all(&mut lock.lock())?.ok_or(ENOENT)?.call_rcu();
    /// assert!(list.is_empty());
    /// assert!(list.take_all(&mut lock.lock())?.is_none());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn take_all<U: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, U, B>,
    ) -> Result<Option<RemovedAll<T, ID, S, D>>, WrongLock> {
        let chain = self.raw.take_all(guard)?;
        // SAFETY: The entries were unlinked just above, and readers reach them in `D` only.
        Ok(chain.map(|chain| unsafe { Retired::new(chain, D::DOMAIN) }))
    }

    /// Puts all entries of a chain first: `list_splice_rcu()`. The context of the lock.
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
    /// #     list.push_back(&mut lock.lock(), Node::new(value, GFP_KERNEL)?)?;
    /// # }
    /// let chain = list.take_all(&mut lock.lock())?.ok_or(ENOENT)?.synchronize();
    /// list.push_back(&mut lock.lock(), Node::new(3, GFP_KERNEL)?)?;
    /// list.splice_front(&mut lock.lock(), chain)?;
    /// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([0, 1, 2, 3]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn splice_front<U: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, U, B>,
        chain: Chain<T, ID, S>,
    ) -> Result<(), WrongLock<Chain<T, ID, S>>> {
        self.raw.splice(guard, chain, front)
    }

    /// Puts all entries of a chain last, as [`RcuList::splice_front`]. The context of the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuList};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
    /// # for value in 0..3 {
    /// #     list.push_back(&mut lock.lock(), Node::new(value, GFP_KERNEL)?)?;
    /// # }
    /// let chain = list.take_all(&mut lock.lock())?.ok_or(ENOENT)?.synchronize();
    /// list.push_back(&mut lock.lock(), Node::new(3, GFP_KERNEL)?)?;
    /// list.splice_back(&mut lock.lock(), chain)?;
    /// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([3, 0, 1, 2]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn splice_back<U: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, U, B>,
        chain: Chain<T, ID, S>,
    ) -> Result<(), WrongLock<Chain<T, ID, S>>> {
        self.raw.splice(guard, chain, back)
    }
}

impl<T, const ID: usize, S, W> SrcuList<T, ID, S, W>
where
    T: Send + Sync + 'static,
    S: Shape,
    W: Direction,
{
    /// Removes all entries, as one: see [`RcuList::take_all`](crate::RcuList::take_all). The
    /// context of the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::{Node, SrcuList}, Srcu};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// # let list: Pin<KBox<SrcuList<u32>>> =
    /// #     KBox::pin_init(SrcuList::new(&*lock, &domain), GFP_KERNEL)?;
    /// # for value in 0..3 {
    /// #     list.push_back(&mut lock.lock(), Node::new(value, GFP_KERNEL)?)?;
    /// # }
    /// let old = list.take_all(&mut lock.lock(), &domain)?.ok_or(ENOENT)?;
    /// assert!(list.is_empty());
    /// old.call_rcu();
    /// # Ok::<(), Error>(())
    /// ```
    pub fn take_all<'d, U: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, U, B>,
        domain: &'d Srcu,
    ) -> Result<Option<RemovedAll<T, ID, S, &'d Srcu>>, Refusal> {
        self.check_domain(DomainId::of(domain))?;
        let chain = self.raw.take_all(guard)?;
        // SAFETY: The entries were unlinked just above, and readers reach them in `domain` only.
        Ok(chain.map(|chain| unsafe { Retired::new(chain, domain) }))
    }

    /// Puts all entries of a chain last: see [`RcuList::splice_front`](crate::RcuList::splice_front).
    /// The context of the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::{Node, SrcuList}, Srcu};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// # let list: Pin<KBox<SrcuList<u32>>> =
    /// #     KBox::pin_init(SrcuList::new(&*lock, &domain), GFP_KERNEL)?;
    /// # for value in 0..3 {
    /// #     list.push_back(&mut lock.lock(), Node::new(value, GFP_KERNEL)?)?;
    /// # }
    /// let old = list.take_all(&mut lock.lock(), &domain)?.ok_or(ENOENT)?;
    /// let chain = old.synchronize();
    /// list.splice_back(&mut lock.lock(), chain)?;
    /// let guard = domain.read_lock();
    /// assert!(list.iter(&guard)?.map(|entry| *entry).eq([0, 1, 2]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn splice_back<U: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, U, B>,
        chain: Chain<T, ID, S>,
    ) -> Result<(), WrongLock<Chain<T, ID, S>>> {
        self.raw.splice(guard, chain, back)
    }
}
