// SPDX-License-Identifier: GPL-2.0

//! Breaking the rules of a list on purpose, to prove that somebody notices.
//!
//! Nothing here is sound, and no module but one that tests the checks has any use for it. It taints
//! the kernel as a test does (`N`).

use super::{
    raw,
    Cursor,
    Direction,
    Node,
    Removed,
    Shape, //
};
use crate::{
    node::head_of,
    read_lock,
    Domain,
    Vanilla, //
};
use kernel::bindings;

/// The permission to break the rules.
#[derive(Clone, Copy)]
pub struct Sabotage(());

impl Sabotage {
    /// Gives the permission, and taints the kernel. Any context.
    pub fn begin() -> Self {
        // SAFETY: May be called in any context.
        unsafe { bindings::add_taint(bindings::TAINT_TEST, bindings::lockdep_ok_LOCKDEP_STILL_OK) };
        Self(())
    }

    /// Drops what was removed without a grace period.
    pub fn drop_early<T, D, const ID: usize, S>(self, old: Removed<T, D, ID, S>)
    where
        T: Send + Sync + 'static,
        D: Domain,
        S: Shape,
    {
        drop(old.into_parts().0);
    }

    /// Removes the entry here and goes on to the next; and then removes it a second time, and
    /// retires it a second time where somebody watches that (`CONFIG_DEBUG_OBJECTS_RCU_HEAD`).
    /// Where not, there is no telling what would become of the callbacks.
    pub fn remove_twice<T, const ID: usize, S, W>(
        self,
        cursor: &mut Cursor<'_, T, ID, S, Vanilla, W>,
    ) -> Option<Removed<T, Vanilla, ID, S>>
    where
        T: Send + Sync + 'static,
        S: Shape,
        W: Direction,
    {
        let links = cursor.current;
        let old = cursor.remove()?;
        // SAFETY: None. Lists that the kernel checks refuse it.
        core::mem::forget(unsafe { raw::remove::<T, ID, S, W>(links) });
        if !cfg!(CONFIG_DEBUG_OBJECTS_RCU_HEAD) {
            return Some(old);
        }
        let (node, domain): (Node<T, ID, S>, Vanilla) = old.into_parts();
        // The kernel drops neither the callback nor, therefore, the node.
        core::mem::forget(node);
        // Keeps the first call from being over, and then all right, when the second one is made.
        let _guard = read_lock();
        for _ in 0..2 {
            // SAFETY: None, the second time. The kernel notices, and calls nothing.
            unsafe { domain.call(head_of(links.0), nothing) };
        }
        None
    }
}

/// What is called after a grace period.
extern "C" fn nothing(_: *mut bindings::callback_head) {}
