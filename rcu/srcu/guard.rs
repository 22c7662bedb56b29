// SPDX-License-Identifier: GPL-2.0

//! The readers of SRCU domains.

use super::{
    Handle,
    Kind,
    Srcu,
    UpDown, //
};
use crate::{
    domain::sealed,
    Global,
    Reader, //
};
use kernel::types::NotThreadSafe;

/// What entering gave, in the domain of the handle `D`.
type Token<D> = <<D as Handle>::Kind as Kind>::Token;

/// A read-side critical section of an SRCU domain.
///
/// Dropping it ends the section, on the task that began it: `srcu_read_unlock()` and its like.
/// Leaking it leaves the section open for ever, and [`Srcu`]'s drop will wait as long.
///
/// # Invariants
///
/// The section of `token` on `domain` was entered by the current task and not left since.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
/// let outer = domain.read_lock();
/// // Sections nest.
/// let inner = domain.read_lock();
/// drop((outer, inner));
/// # Ok::<(), Error>(())
/// ```
#[must_use = "the read-side critical section ends at once when the guard is unused"]
pub struct Guard<D: Handle> {
    domain: D,
    token: Token<D>,
    _not_send: NotThreadSafe,
}

impl<D: Handle> Guard<D> {
    #[inline(always)]
    pub(super) fn enter(domain: D) -> Self {
        // SAFETY: By the contract of `Handle` the domain is initialized, for its kind.
        let token = unsafe { D::Kind::enter(domain.srcu()) };
        // INVARIANT: The section of `token` was entered just above.
        Self {
            domain,
            token,
            _not_send: NotThreadSafe,
        }
    }

    /// Ends the section, as dropping the guard does.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// domain.read_lock().unlock();
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn unlock(self) {}
}

impl<D: Handle> Drop for Guard<D> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: By the type invariants the section was entered, by this task, and not left.
        unsafe { D::Kind::leave(self.domain.srcu(), self.token) }
    }
}

/// A read-side critical section of an SRCU domain that any context may end.
///
/// It may go to another task, or be dropped by an interrupt handler (not in NMI): `srcu_up_read()`.
/// What was read in it goes along. Leaking it is as bad as leaking a [`Guard`].
///
/// # Invariants
///
/// The section of `token` on `domain` was entered, for any context to leave, and not left since.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::srcu::{DownGuard, Normal};
/// use rcu::Srcu;
///
/// /// A request that may read the device's state until somebody completes it.
/// struct Request<'d> {
///     section: DownGuard<&'d Srcu<Normal>>,
/// }
///
/// fn complete(request: Request<'_>) {
///     request.section.up();
/// }
///
/// let device = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
/// complete(Request { section: device.down_read() });
/// # Ok::<(), Error>(())
/// ```
#[must_use = "the read-side critical section ends at once when the guard is unused"]
pub struct DownGuard<D: Handle<Kind: UpDown>> {
    domain: D,
    token: Token<D>,
}

impl<D: Handle<Kind: UpDown>> DownGuard<D> {
    #[inline(always)]
    pub(super) fn enter(domain: D) -> Self {
        // SAFETY: By the contract of `Handle` the domain is initialized, for its kind.
        let token = unsafe { D::Kind::down(domain.srcu()) };
        // INVARIANT: The section of `token` was entered just above.
        Self { domain, token }
    }

    /// Ends the section, as dropping the guard does: `srcu_up_read()`. Any context but NMI.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// domain.down_read().up();
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn up(self) {}
}

impl<D: Handle<Kind: UpDown>> Drop for DownGuard<D> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: By the type invariants the section was entered, for any context to leave, and
        // not left.
        unsafe { D::Kind::up(self.domain.srcu(), self.token) }
    }
}

// SAFETY: Any task may leave the section. The token says which it is, and is no use but for that.
unsafe impl<D: Handle<Kind: UpDown> + Send> Send for DownGuard<D> {}
// SAFETY: `&DownGuard` is only good for reading, and the section, which no task owns, lasts.
unsafe impl<D: Handle<Kind: UpDown> + Sync> Sync for DownGuard<D> {}

impl<D: Handle> sealed::Sealed for Guard<D> {}
impl<D: Handle<Kind: UpDown>> sealed::Sealed for DownGuard<D> {}

// SAFETY: By its invariants a guard is a section of its domain, and there is one domain of the
// type.
unsafe impl<D: Handle + Global> Reader<D> for Guard<D> {}
// SAFETY: As above; the section is bound to no task.
unsafe impl<D: Handle<Kind: UpDown> + Global> Reader<D> for DownGuard<D> {}

/// A section of an [`Srcu`] domain of the kind `K`, which knows of which.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use kernel::{new_mutex, sync::Mutex};
/// use rcu::{srcu::{Normal, Section}, RcuBox, SrcuCell};
///
/// /// Reads under whatever the caller holds.
/// fn read(cell: &SrcuCell<RcuBox<u32>>, section: &impl Section<Normal>) -> Result<u32> {
///     Ok(cell.read(section)?.copied().unwrap_or(0))
/// }
///
/// let domain = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
/// let lock = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
/// let cell = SrcuCell::new(Some(RcuBox::new(7, GFP_KERNEL)?), &*lock, &domain);
/// assert_eq!(read(&cell, &domain.read_lock())?, 7);
/// assert_eq!(read(&cell, &domain.down_read())?, 7);
/// # Ok::<(), Error>(())
/// ```
///
/// # Safety
///
/// As long as a value is neither dropped nor leaked, a section of [`Section::domain`] is open.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a section of an SRCU domain whose readers are `{K}`",
    label = "grace periods of such a domain do not wait for this"
)]
pub unsafe trait Section<K: Kind>: sealed::Sealed {
    /// The domain.
    #[doc(hidden)]
    fn domain(&self) -> &Srcu<K>;
}

// SAFETY: By its invariants a guard is a section of its domain.
unsafe impl<K: Kind> Section<K> for Guard<&Srcu<K>> {
    #[inline(always)]
    fn domain(&self) -> &Srcu<K> {
        self.domain
    }
}

// SAFETY: As above.
unsafe impl<K: UpDown> Section<K> for DownGuard<&Srcu<K>> {
    #[inline(always)]
    fn domain(&self) -> &Srcu<K> {
        self.domain
    }
}
