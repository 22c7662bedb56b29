// SPDX-License-Identifier: GPL-2.0

//! Waiting for grace periods: now, or later by a cookie.
//!
//! A *cookie* remembers a grace period of one domain:
//!
//! ```text
//!   Cookie::snapshot ──▶ not asked for ─ ─ ─ somebody else asks ─ ─ ─┐
//!                                                                    ▼
//!   Cookie::start, start_expedited ─────────▶ asked for ────────▶ passed ◀─── Cookie::completed
//!                                                 poll() is false    poll() is true, for good
//! ```

use crate::{
    Domain,
    Expedited,
    Polling,
    Vanilla, //
};

/// Waits until every vanilla reader that is there now has left: `synchronize_rcu()`.
///
/// Process context, sleeps. Never to be called by a vanilla reader.
///
/// # Examples
///
/// ```
/// // What was unlinked before can be seen by nobody afterwards.
/// rcu::synchronize();
/// ```
#[inline]
pub fn synchronize() {
    Vanilla.synchronize();
}

/// As [`synchronize`], sooner, at the price of disturbing other CPUs: `synchronize_rcu_expedited()`.
///
/// Process context, sleeps. Never to be called by a vanilla reader.
///
/// # Examples
///
/// ```
/// rcu::synchronize_expedited();
/// ```
#[inline]
pub fn synchronize_expedited() {
    Vanilla.synchronize_expedited();
}

/// Waits until every vanilla callback queued before has run: `rcu_barrier()`.
///
/// What a callback leaves to the worker (see [`RcuBox`](crate::RcuBox)) may be dropped later, and
/// what `kvfree_rcu()` frees may be freed later. Process context, sleeps.
///
/// # Examples
///
/// ```
/// rcu::barrier();
/// ```
#[inline]
pub fn barrier() {
    Vanilla.barrier();
}

/// A grace period of the domain `D`, to be looked for later: what `…_poll_synchronize_…()` makes.
///
/// A cookie carries its domain, and borrows one that a module owns: it cannot be held against
/// another domain, nor outlive its own. Two that are equal remember the same grace period
/// (`same_state_synchronize_rcu_full()`).
///
/// It stays true for good once the grace period has passed. (The kernel's counters wrap, on 64 bits
/// after geological times.)
///
/// # Invariants
///
/// `state` is a state of `domain`.
///
/// # Examples
///
/// ```
/// use rcu::{Cookie, Vanilla};
///
/// let cookie = Cookie::start(Vanilla);
/// // ... something else meanwhile ...
/// if !cookie.poll() {
///     cookie.cond_synchronize();
/// }
/// assert!(cookie.poll());
/// ```
#[derive(Clone, Copy)]
#[must_use = "a cookie does nothing by itself: look whether its grace period has passed"]
pub struct Cookie<D: Polling> {
    domain: D,
    state: D::State,
}

impl<D: Polling> Cookie<D> {
    /// Remembers the next whole grace period, and **starts nothing**: that it comes is for somebody
    /// else to see to. Any context.
    ///
    /// `get_state_synchronize_rcu_full()`, `get_state_synchronize_srcu()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use rcu::{Cookie, Vanilla};
    ///
    /// let cookie = Cookie::snapshot(Vanilla);
    /// rcu::synchronize();
    /// // A grace period has passed anyway.
    /// assert!(cookie.poll());
    /// ```
    #[inline]
    pub fn snapshot(domain: D) -> Self {
        // INVARIANT: The state comes from the domain.
        Self {
            domain,
            state: domain.snapshot(),
        }
    }

    /// Remembers the next whole grace period and asks for it. Any context but NMI.
    ///
    /// `start_poll_synchronize_rcu_full()`, `start_poll_synchronize_srcu()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::time::{delay::fsleep, Delta};
    /// use rcu::{Cookie, Vanilla};
    ///
    /// let cookie = Cookie::start(Vanilla);
    /// while !cookie.poll() {
    ///     fsleep(Delta::from_millis(1));
    /// }
    /// ```
    #[inline]
    pub fn start(domain: D) -> Self {
        // INVARIANT: The state comes from the domain.
        Self {
            domain,
            state: domain.start(),
        }
    }

    /// As [`Cookie::start`], sooner, at the price of disturbing other CPUs. Any context but NMI.
    ///
    /// `start_poll_synchronize_rcu_expedited_full()`; for SRCU `srcu_expedite_current()` as well.
    ///
    /// # Examples
    ///
    /// ```
    /// use rcu::{Cookie, Vanilla};
    ///
    /// let cookie = Cookie::start_expedited(Vanilla);
    /// cookie.cond_synchronize_expedited();
    /// ```
    #[inline]
    pub fn start_expedited(domain: D) -> Self {
        // INVARIANT: The state comes from the domain.
        Self {
            domain,
            state: domain.start_expedited(),
        }
    }

    /// A grace period that has passed: a first value for a variable of this type. Any context.
    ///
    /// `get_completed_synchronize_rcu_full()`, `get_completed_synchronize_srcu()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use rcu::{Cookie, Vanilla};
    ///
    /// assert!(Cookie::completed(Vanilla).poll());
    /// ```
    #[inline]
    pub fn completed(domain: D) -> Self {
        // INVARIANT: The state comes from the domain.
        Self {
            domain,
            state: domain.completed(),
        }
    }

    /// Whether the grace period has passed. Any context.
    ///
    /// `poll_state_synchronize_rcu_full()`, `poll_state_synchronize_srcu()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use rcu::{Cookie, Vanilla};
    ///
    /// let cookie = Cookie::start(Vanilla);
    /// rcu::synchronize();
    /// assert!(cookie.poll());
    /// ```
    #[inline]
    #[must_use]
    pub fn poll(&self) -> bool {
        self.domain.poll(&self.state)
    }

    /// Waits for a grace period unless this one has passed: `cond_synchronize_rcu_full()`.
    ///
    /// Process context, may sleep. Never to be called by a reader of the domain.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// use rcu::Cookie;
    ///
    /// let srcu = KBox::pin_init(rcu::new_srcu!(), GFP_KERNEL)?;
    /// let cookie = Cookie::snapshot(&*srcu);
    /// cookie.cond_synchronize();
    /// assert!(cookie.poll());
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn cond_synchronize(&self) {
        if !self.poll() {
            self.domain.synchronize();
        }
    }

    /// As [`Cookie::cond_synchronize`], sooner: `cond_synchronize_rcu_expedited_full()`.
    ///
    /// Process context, may sleep. Never to be called by a reader of the domain.
    ///
    /// # Examples
    ///
    /// ```
    /// use rcu::{Cookie, Vanilla};
    ///
    /// Cookie::snapshot(Vanilla).cond_synchronize_expedited();
    /// ```
    #[inline]
    pub fn cond_synchronize_expedited(&self) {
        if !self.poll() {
            self.domain.synchronize_expedited();
        }
    }
}

impl<D: Polling> PartialEq for Cookie<D> {
    fn eq(&self, other: &Self) -> bool {
        self.domain.is(other.domain) && self.state == other.state
    }
}

impl<D: Polling> Eq for Cookie<D> {}
