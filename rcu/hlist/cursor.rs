// SPDX-License-Identifier: GPL-2.0

//! The updater of an hlist, and its place there.

use super::{
    raw::{
        Links,
        Pointer,
        RawHlist, //
    },
    steps::{
        Link,
        Place, //
    },
};
use crate::{
    list::Removed,
    node::{
        Entry,
        Node,
        Shape, //
    },
    Domain,
    Retired, //
};

/// The only updater of an hlist, and its place there: at an entry, or behind the last one.
///
/// As [`Cursor`](crate::list::Cursor).
///
/// # Invariants
///
/// The hlist's lock is held exclusively for `'a`. `place` is in the hlist. Readers reach it in
/// `domain` only.
///
/// # Examples
///
/// ```
/// # use kernel::{new_mutex, prelude::*};
/// # use rcu::{list::Node, RcuHlist};
/// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// # let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
/// # for value in (0..3).rev() {
/// #     list.cursor(&mut lock.lock())?.push_front(Node::new(value, GFP_KERNEL)?);
/// # }
/// let mut guard = lock.lock();
/// let mut cursor = list.cursor(&mut guard)?;
/// if cursor.find(|value| *value == 1) {
///     cursor.insert_before(Node::new(10, GFP_KERNEL)?);
///     cursor.insert_after(Node::new(11, GFP_KERNEL)?);
/// }
/// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([0, 10, 11, 1, 2]));
/// # Ok::<(), Error>(())
/// ```
pub struct HlistCursor<'a, T, const ID: usize, S, D>
where
    T: Send + Sync + 'static,
    S: Shape,
    D: Domain,
{
    list: &'a RawHlist<T, ID, S>,
    place: Pointer,
    domain: D,
}

impl<'a, T, const ID: usize, S, D> HlistCursor<'a, T, ID, S, D>
where
    T: Send + Sync + 'static,
    S: Shape,
    D: Domain,
{
    /// Makes a cursor. The caller, who borrows the guard of the hlist's lock for `'a`, establishes
    /// its invariants.
    #[inline]
    pub(crate) fn at(list: &'a RawHlist<T, ID, S>, place: Pointer, domain: D) -> Self {
        Self {
            list,
            place,
            domain,
        }
    }

    fn links(&self) -> Option<Links> {
        self.place.load()
    }

    /// The entry here, or nothing behind the last one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuHlist};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
    /// # for value in (0..3).rev() {
    /// #     list.cursor(&mut lock.lock())?.push_front(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// assert!(cursor.current().is_some_and(|entry| *entry == 0));
    /// assert!(!cursor.find(|_| false));
    /// // Behind the last entry.
    /// assert!(cursor.current().is_none());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn current(&self) -> Option<Entry<'_, T, S>> {
        let links = self.links()?;
        // SAFETY: By the type invariants these are the links of an entry, and only this cursor
        // could remove it.
        Some(unsafe { Entry::new::<ID>(links.0.as_ptr().cast()) })
    }

    /// Goes on to the next entry; behind the last one, stays there.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuHlist};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
    /// # for value in (0..3).rev() {
    /// #     list.cursor(&mut lock.lock())?.push_front(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// cursor.move_next();
    /// assert!(cursor.current().is_some_and(|entry| *entry == 1));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn move_next(&mut self) {
        if let Some(links) = self.links() {
            self.place = links.next_place();
        }
    }

    /// Goes on to the first entry from here that `wanted` accepts, and says whether there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuHlist};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
    /// # for value in (0..3).rev() {
    /// #     list.cursor(&mut lock.lock())?.push_front(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// assert!(cursor.find(|value| *value > 0));
    /// assert!(cursor.current().is_some_and(|entry| *entry == 1));
    /// assert!(!cursor.find(|value| *value == 0));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn find(&mut self, mut wanted: impl FnMut(&T) -> bool) -> bool {
        while let Some(entry) = self.current() {
            if wanted(&entry) {
                return true;
            }
            self.move_next();
        }
        false
    }

    /// Puts `node` first in the hlist: `hlist_add_head_rcu()`. The cursor is at it then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuHlist};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// cursor.push_front(Node::new(1, GFP_KERNEL)?);
    /// cursor.push_front(Node::new(0, GFP_KERNEL)?);
    /// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([0, 1]));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn push_front(&mut self, node: Node<T, ID, S>) {
        self.place = self.list.first();
        self.insert_before(node);
    }

    /// Removes the entry here and goes on to the next: `hlist_del_rcu()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuHlist};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
    /// # for value in (0..3).rev() {
    /// #     list.cursor(&mut lock.lock())?.push_front(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// cursor.remove().ok_or(ENOENT)?.call_rcu();
    /// assert!(cursor.current().is_some_and(|entry| *entry == 1));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn remove(&mut self) -> Option<Removed<T, D, ID, S>> {
        let links = self.links()?;
        // SAFETY: By the type invariants the links are in the hlist, and its lock is held.
        let node = unsafe { self.list.remove(links) };
        // SAFETY: The node was removed just above, so new readers do not reach it, and by the type
        // invariants readers are the domain's. Its `next` is left as it was, for those that stand
        // on it.
        Some(unsafe { Retired::new(node, self.domain) })
    }

    /// Puts `node` in the place of the entry here: `hlist_replace_rcu()`. The cursor is at it then.
    ///
    /// Behind the last entry there is nothing to replace, and `node` comes back.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuHlist};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
    /// # for value in (0..3).rev() {
    /// #     list.cursor(&mut lock.lock())?.push_front(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// let old = cursor.replace(Node::new(10, GFP_KERNEL)?).map_err(|_| ENOENT)?;
    /// assert_eq!(*old, 0);
    /// old.call_rcu();
    /// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([10, 1, 2]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn replace(
        &mut self,
        node: Node<T, ID, S>,
    ) -> Result<Removed<T, D, ID, S>, Node<T, ID, S>> {
        let Some(links) = self.links() else {
            return Err(node);
        };
        // SAFETY: By the type invariants the links are in the hlist, and its lock is held.
        let old = unsafe { self.list.replace(links, node) };
        // SAFETY: As in `remove`.
        Ok(unsafe { Retired::new(old, self.domain) })
    }

    /// Puts `node` before the entry here, or at the end: `hlist_add_before_rcu()`,
    /// `hlist_add_tail_rcu()`. The cursor is at it then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuHlist};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
    /// # for value in (0..3).rev() {
    /// #     list.cursor(&mut lock.lock())?.push_front(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// cursor.find(|_| false);
    /// // Behind the last entry: at the end.
    /// cursor.insert_before(Node::new(10, GFP_KERNEL)?);
    /// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([0, 1, 2, 10]));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn insert_before(&mut self, node: Node<T, ID, S>) {
        // SAFETY: By the type invariants the place is in the hlist, and its lock is held.
        unsafe { self.list.insert(node, self.place) };
    }

    /// Puts `node` behind the entry here: `hlist_add_behind_rcu()`.
    ///
    /// There is nothing behind the end, and `node` comes back.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuHlist};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuHlist<u32>>> = KBox::pin_init(RcuHlist::new(&*lock), GFP_KERNEL)?;
    /// # for value in (0..3).rev() {
    /// #     list.cursor(&mut lock.lock())?.push_front(Node::new(value, GFP_KERNEL)?);
    /// # }
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// cursor.insert_after(Node::new(10, GFP_KERNEL)?).map_err(|_| ENOENT)?;
    /// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([0, 10, 1, 2]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn insert_after(&mut self, node: Node<T, ID, S>) -> Result<(), Node<T, ID, S>> {
        let Some(links) = self.links() else {
            return Err(node);
        };
        // SAFETY: As in `insert_before`.
        unsafe { self.list.insert(node, links.next_place()) };
        Ok(())
    }
}
