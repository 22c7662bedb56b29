// SPDX-License-Identifier: GPL-2.0

//! The updater's place in an hlist.

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

/// A place in an hlist, for its updater: at an entry, or behind the last one.
///
/// # Invariants
///
/// The hlist's lock is held exclusively for `'a`. `place` is in the hlist. Readers reach it in
/// `domain` only.
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
    pub fn current(&self) -> Option<Entry<'_, T, S>> {
        let links = self.links()?;
        // SAFETY: By the type invariants these are the links of an entry, and only this cursor
        // could remove it.
        Some(unsafe { Entry::new::<ID>(links.0.as_ptr().cast()) })
    }

    /// Goes on to the next entry; behind the last one, stays there.
    pub fn move_next(&mut self) {
        if let Some(links) = self.links() {
            self.place = links.next_place();
        }
    }

    /// Goes on to the first entry from here that `wanted` accepts, and says whether there is one.
    pub fn find(&mut self, mut wanted: impl FnMut(&T) -> bool) -> bool {
        while let Some(entry) = self.current() {
            if wanted(&entry) {
                return true;
            }
            self.move_next();
        }
        false
    }

    /// Removes the entry here and goes on to the next: `hlist_del_rcu()`.
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
    pub fn insert_before(&mut self, node: Node<T, ID, S>) {
        // SAFETY: By the type invariants the place is in the hlist, and its lock is held.
        unsafe { self.list.insert(node, self.place) };
    }

    /// Puts `node` behind the entry here: `hlist_add_behind_rcu()`.
    ///
    /// There is nothing behind the end, and `node` comes back.
    pub fn insert_after(&mut self, node: Node<T, ID, S>) -> Result<(), Node<T, ID, S>> {
        let Some(links) = self.links() else {
            return Err(node);
        };
        // SAFETY: As in `insert_before`.
        unsafe { self.list.insert(node, links.next_place()) };
        Ok(())
    }
}
