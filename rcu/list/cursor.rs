// SPDX-License-Identifier: GPL-2.0

//! The updater of a list, and its place there.

use super::{
    links::{
        back,
        front,
        Links, //
    },
    raw::{
        self,
        RawList, //
    },
    steps::Follow,
    Direction,
    Removed, //
};
use crate::{
    node::{
        Entry,
        Node,
        Shape, //
    },
    Domain,
    Retired, //
};

/// The only updater of a list, for as long as it borrows the guard of the list's lock, and its
/// place there: at an entry, or behind the last one, which is before the first one too.
///
/// Whether the guard is of that lock was looked at when this was made, so that no update is refused
/// for it. The context of all of it is that of the lock.
///
/// # Invariants
///
/// The list's lock is held exclusively for `'a`. `current` is the list's head, or the links of an
/// entry of it. Readers reach the list in `domain` only.
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
/// let mut guard = lock.lock();
/// let mut cursor = list.cursor(&mut guard)?;
/// if cursor.find(|value| *value == 1) {
///     cursor.insert_before(Node::new(10, GFP_KERNEL)?);
///     cursor.insert_after(Node::new(11, GFP_KERNEL)?);
/// }
/// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([0, 10, 1, 11, 2]));
/// # Ok::<(), Error>(())
/// ```
pub struct Cursor<'a, T, const ID: usize, S, D, W>
where
    T: Send + Sync + 'static,
    S: Shape,
    D: Domain,
    W: Direction,
{
    pub(super) list: &'a RawList<T, ID, S, W>,
    pub(super) current: Links,
    pub(super) domain: D,
}

impl<'a, T, const ID: usize, S, D, W> Cursor<'a, T, ID, S, D, W>
where
    T: Send + Sync + 'static,
    S: Shape,
    D: Domain,
    W: Direction,
{
    /// Makes a cursor. The caller, who borrows the guard of the list's lock for `'a`, establishes
    /// its invariants.
    #[inline]
    pub(super) fn at(list: &'a RawList<T, ID, S, W>, current: Links, domain: D) -> Self {
        Self {
            list,
            current,
            domain,
        }
    }

    fn is_at_entry(&self) -> bool {
        self.current != self.list.head()
    }

    /// The entry here, or nothing behind the last one.
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
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// assert!(cursor.current().is_some_and(|entry| *entry == 0));
    /// cursor.move_prev();
    /// // Before the first entry, which is behind the last one.
    /// assert!(cursor.current().is_none());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn current(&self) -> Option<Entry<'_, T, S>> {
        self.is_at_entry().then(|| {
            // SAFETY: By the type invariants these are the links of an entry, and only this cursor
            // could remove it.
            unsafe { Entry::new::<ID>(self.current.0) }
        })
    }

    /// Goes on to the next entry; behind the last one, stays there.
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
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// cursor.move_next();
    /// assert!(cursor.current().is_some_and(|entry| *entry == 1));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn move_next(&mut self) {
        if self.is_at_entry() {
            self.current = self.current.next();
        }
    }

    /// Goes back to the previous entry; from behind the last one, to that; from the first one,
    /// behind the last.
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
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// assert!(!cursor.find(|_| false));
    /// cursor.move_prev();
    /// assert!(cursor.current().is_some_and(|entry| *entry == 2));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn move_prev(&mut self) {
        self.current = self.current.prev();
    }

    /// Goes on to the first entry from here that `wanted` accepts, and says whether there is one.
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

    /// Puts `node` first in the list: `list_add_rcu()`. The cursor stays where it is.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuList};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// cursor.push_front(Node::new(1, GFP_KERNEL)?);
    /// cursor.push_front(Node::new(0, GFP_KERNEL)?);
    /// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([0, 1]));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn push_front(&mut self, node: Node<T, ID, S>) {
        self.insert(node, front(self.list.head()));
    }

    /// Puts `node` last in the list: `list_add_tail_rcu()`. The cursor stays where it is.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{new_mutex, prelude::*};
    /// # use rcu::{list::Node, RcuList};
    /// # let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
    /// # let list: Pin<KBox<RcuList<u32>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
    /// let node = Node::new(0, GFP_KERNEL)?;
    /// list.cursor(&mut lock.lock())?.push_back(node);
    /// assert!(!list.is_empty());
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn push_back(&mut self, node: Node<T, ID, S>) {
        self.insert(node, back(self.list.head()));
    }

    /// Puts `node` between neighbours in the list.
    #[inline(always)]
    fn insert(&mut self, node: Node<T, ID, S>, (prev, next): (Links, Links)) {
        // SAFETY: All callers pass neighbours in this list, whose lock is held by the type
        // invariants.
        unsafe { raw::insert::<_, ID, S, W>(self.list.name(), node, prev, next) };
    }

    /// Removes the entry here and goes on to the next: `list_del_rcu()`.
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
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// cursor.remove().ok_or(ENOENT)?.call_rcu();
    /// assert!(cursor.current().is_some_and(|entry| *entry == 1));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn remove(&mut self) -> Option<Removed<T, D, ID, S>> {
        if !self.is_at_entry() {
            return None;
        }
        let links = self.current;
        self.move_next();
        // SAFETY: By the type invariants the links are in the list, and its lock is held.
        let node = unsafe { raw::remove::<_, ID, S, W>(links) }?;
        // SAFETY: The node was removed just above, so new readers do not reach it, and by the type
        // invariants readers are the domain's. Its links are left as they were, for those that
        // stand on it.
        Some(unsafe { Retired::new(node, self.domain) })
    }

    /// Puts `node` in the place of the entry here and goes on to it: `list_replace_rcu()`.
    ///
    /// Behind the last entry there is nothing to replace, and `node` comes back.
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
        if !self.is_at_entry() {
            return Err(node);
        }
        // SAFETY: By the type invariants the links are in the list, and its lock is held.
        let (new, old) =
            unsafe { raw::replace::<_, ID, S, W>(self.list.name(), node, self.current) };
        // INVARIANT: The new links are in the list now.
        self.current = new;
        // SAFETY: As in `remove`.
        Ok(unsafe { Retired::new(old, self.domain) })
    }

    /// Puts `node` before the entry here: `list_add_tail_rcu()`. Behind the last entry, that is at
    /// the end of the list.
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
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// cursor.find(|value| *value == 2);
    /// cursor.insert_before(Node::new(10, GFP_KERNEL)?);
    /// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([0, 1, 10, 2]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn insert_before(&mut self, node: Node<T, ID, S>) {
        self.insert(node, back(self.current));
    }

    /// Puts `node` behind the entry here: `list_add_rcu()`. Behind the last entry, that is at the
    /// start of the list.
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
    /// let mut guard = lock.lock();
    /// let mut cursor = list.cursor(&mut guard)?;
    /// cursor.insert_after(Node::new(10, GFP_KERNEL)?);
    /// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([0, 10, 1, 2]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn insert_after(&mut self, node: Node<T, ID, S>) {
        self.insert(node, front(self.current));
    }
    /// Removes the entries from here on that `keep` does not accept, and passes each to `removed`.
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
    /// let mut guard = lock.lock();
    /// list.cursor(&mut guard)?.retain(|value| *value == 1, |old| old.call_rcu());
    /// assert!(list.iter(&rcu::read_lock()).map(|entry| *entry).eq([1]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn retain(
        &mut self,
        mut keep: impl FnMut(&T) -> bool,
        mut removed: impl FnMut(Removed<T, D, ID, S>),
    ) {
        while self.find(|value| !keep(value)) {
            let Some(old) = self.remove() else { break };
            removed(old);
        }
    }
}
