// SPDX-License-Identifier: GPL-2.0

//! The cell that anybody may change at any time.

use super::{
    from_nullable,
    into_nullable,
    RawCell, //
};
use crate::{
    pointer::raw_of,
    Pointer, //
};
use kernel::sync::atomic::Full;

/// A cell that is changed by whole exchanges, without a lock.
///
/// # Invariants
///
/// `cell` changes only by atomic exchanges, or through `&mut self`.
pub(crate) struct ExchangeCell<P: Pointer> {
    cell: RawCell<P>,
}

impl<P: Pointer> ExchangeCell<P> {
    pub(crate) const fn empty() -> Self {
        Self {
            cell: RawCell::empty(),
        }
    }

    pub(crate) fn new(value: Option<P>) -> Self {
        Self {
            cell: RawCell::new(value),
        }
    }

    /// As [`RawCell::is_some`].
    #[inline]
    pub(crate) fn is_some(&self) -> bool {
        self.cell.is_some()
    }

    /// As [`RawCell::follow`].
    ///
    /// # Safety
    ///
    /// As there.
    #[inline(always)]
    pub(crate) unsafe fn follow<'a>(&self) -> Option<&'a P::Target> {
        // SAFETY: By the caller.
        unsafe { self.cell.follow() }
    }

    /// Publishes a pointer, or none, and unlinks the old one: `xchg()`.
    #[inline]
    pub(crate) fn swap(&self, new: Option<P>) -> Option<P> {
        // INVARIANT: The new pointer comes from `into_raw`.
        let old = self.cell.raw.xchg(into_nullable(new), Full);
        // SAFETY: `old` is null or from `into_raw`. It was the cell's until the exchange, which
        // gave it to us alone: by the type invariants every other change is an exchange too.
        unsafe { from_nullable(old) }
    }

    /// As `swap`, if the cell holds `current`; else gives `new` back: `cmpxchg()`.
    #[inline]
    pub(crate) fn compare_exchange(
        &self,
        current: Option<&P::Target>,
        new: Option<P>,
    ) -> Result<Option<P>, Option<P>> {
        let new = into_nullable(new);
        // INVARIANT: The new pointer comes from `into_raw`.
        match self.cell.raw.cmpxchg(raw_of::<P>(current), new, Full) {
            // SAFETY: As in `swap`.
            Ok(old) => Ok(unsafe { from_nullable(old) }),
            // SAFETY: `new` is null or from `into_raw` just above, and was not published.
            Err(_) => Err(unsafe { from_nullable(new) }),
        }
    }
}
