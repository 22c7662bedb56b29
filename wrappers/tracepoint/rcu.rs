// SPDX-License-Identifier: GPL-2.0

//! RCU's own tracepoints, of which a kernel without `RCU_TRACE` has [`StallWarning`] only.
//!
//! What they pass is checked by the C compiler, in `helpers/tracepoint.c`: the two lists are alike.
//!
//! C header: [`include/trace/events/rcu.h`](srctree/include/trace/events/rcu.h), which explains the
//! words.

use super::{
    Event,
    Probe, //
};
use kernel::{
    bindings,
    prelude::*, //
};

/// What a tracepoint passes in one argument.
trait Argument {
    type Raw;

    /// # Safety
    ///
    /// The caller passes on what RCU passes to a probe.
    unsafe fn from_raw(raw: Self::Raw) -> Self;
}

/// A pointer that is not looked at.
pub struct Unread(());

impl Unread {
    /// For a hit that somebody makes up.
    #[cfg(CONFIG_KUNIT = "y")]
    pub fn none() -> Self {
        Self(())
    }
}

impl Argument for Unread {
    type Raw = *const c_void;

    #[inline]
    unsafe fn from_raw(_: Self::Raw) -> Self {
        Self(())
    }
}

/// The address of something that is not looked at, as a name for it; 0 for nothing.
pub struct Address(pub usize);

impl Argument for Address {
    type Raw = *const c_void;

    #[inline]
    unsafe fn from_raw(raw: Self::Raw) -> Self {
        Self(raw.addr())
    }
}

/// The kernel's word for something. It is not read before somebody asks.
#[derive(Clone, Copy)]
pub struct Word(*const c_char);

impl Word {
    /// A word that is none of the kernel's, for a hit that somebody makes up.
    #[cfg(CONFIG_KUNIT = "y")]
    pub fn of(text: &'static CStr) -> Self {
        Self(text.as_char_ptr())
    }

    /// Where it is. A place of the kernel hits its tracepoint with the same one each time.
    #[inline]
    pub fn address(self) -> usize {
        self.0.addr()
    }

    /// The word.
    #[inline]
    pub fn bytes(self) -> &'static [u8] {
        // SAFETY: RCU passes string literals of the kernel image to `from_raw`, and `of` takes what
        // lives as long.
        unsafe { CStr::from_char_ptr(self.0) }.to_bytes()
    }
}

impl Argument for Word {
    type Raw = *const c_char;

    #[inline]
    unsafe fn from_raw(raw: Self::Raw) -> Self {
        Self(raw)
    }
}

/// The callbacks of one CPU.
pub struct Segments {
    /// The address of the list, as a name for it.
    pub list: usize,
    /// How many are ready to run, wait for this grace period, for the next one, and for no
    /// particular one yet.
    pub lengths: [c_long; 4],
}

impl Argument for Segments {
    type Raw = *const bindings::rcu_segcblist;

    #[inline]
    unsafe fn from_raw(raw: Self::Raw) -> Self {
        Self {
            list: raw.addr(),
            // SAFETY: RCU passes a list that it keeps from others.
            lengths: unsafe { (*raw).seglen },
        }
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Argument for $number {
            type Raw = Self;

            #[inline]
            unsafe fn from_raw(raw: Self) -> Self {
                raw
            }
        }
    )*};
}

numbers!(u8, c_int, c_long, c_ulong);

/// Declares what tracepoints pass, in their own order.
macro_rules! events {
    ($(
        $(#[$doc:meta])*
        $name:literal $event:ident { $($(#[$about:meta])* $argument:ident: $type:ty,)* }
    )*) => {$(
        $(#[$doc])*
        pub struct $event {
            $($(#[$about])* pub $argument: $type,)*
        }

        // SAFETY: `helpers/tracepoint.c` has the compiler check that the tracepoint passes this.
        unsafe impl Event for $event {
            const NAME: &'static CStr = $name;
            type Hit<'a> = Self;

            fn function<P: Probe<Self>>() -> *mut c_void {
                /// # Safety
                ///
                /// `probe` must point to a live `P`, and the rest be what the tracepoint passes.
                unsafe extern "C" fn hit<P: Probe<$event>>(
                    probe: *mut c_void,
                    $($argument: <$type as Argument>::Raw,)*
                ) {
                    // SAFETY: By the safety requirements of this function.
                    let hit = unsafe {
                        $event {
                            $($argument: <$type as Argument>::from_raw($argument),)*
                        }
                    };
                    // SAFETY: As above.
                    unsafe { &*probe.cast::<P>() }.hit(hit);
                }

                hit::<P> as *mut c_void
            }
        }
    )*};
}

events! {
    /// RCU reports a stall.
    c"rcu_stall_warning" StallWarning {
        /// RCU's name.
        rcu: Unread,
        /// `StallDetected`, `SelfDetected` or `ExpeditedStall`.
        kind: Word,
    }

    /// A step of a grace period, or of a CPU's way through it.
    c"rcu_grace_period" GracePeriod {
        /// RCU's name.
        rcu: Unread,
        /// Its number, as the one who takes the step knows it.
        gp_seq: c_ulong,
        /// `start`, `end`, `cpuqs` and so on.
        step: Word,
    }

    /// A grace period begins to wait for a node of the tree.
    c"rcu_grace_period_init" GracePeriodInit {
        /// RCU's name.
        rcu: Unread,
        /// The grace period.
        gp_seq: c_ulong,
        /// The node's level; the root has 0.
        level: u8,
        /// The node's first CPU.
        first: c_int,
        /// The node's last CPU.
        last: c_int,
        /// Whom it waits for, a bit each.
        mask: c_ulong,
    }

    /// A quiescent state has reached a node of the tree.
    c"rcu_quiescent_state_report" QuiescentStateReport {
        /// RCU's name.
        rcu: Unread,
        /// The grace period.
        gp_seq: c_ulong,
        /// Who reported, a bit each.
        reported: c_ulong,
        /// Whom it still waits for, a bit each.
        mask: c_ulong,
        /// The node's level; the root has 0.
        level: u8,
        /// The node's first CPU.
        first: c_int,
        /// The node's last CPU.
        last: c_int,
        /// Whether it also waits for tasks that were preempted while they read.
        tasks: c_int,
    }

    /// The grace-period kthread found a quiescent state on a CPU's behalf.
    c"rcu_fqs" ForcedQuiescentState {
        /// RCU's name.
        rcu: Unread,
        /// The grace period that the CPU knew of.
        gp_seq: c_ulong,
        /// The CPU.
        cpu: c_int,
        /// `dti`: it is, or was, idle or in user space.
        how: Word,
    }

    /// A step of an expedited grace period.
    c"rcu_exp_grace_period" ExpGracePeriod {
        /// RCU's name.
        rcu: Unread,
        /// Its number.
        gp_seq: c_ulong,
        /// `start`, `end`, `done` and so on.
        step: Word,
    }

    /// Somebody who wants an expedited grace period meets others who want one.
    c"rcu_exp_funnel_lock" ExpFunnelLock {
        /// RCU's name.
        rcu: Unread,
        /// The node's level; the root has 0.
        level: u8,
        /// The node's first CPU.
        first: c_int,
        /// The node's last CPU.
        last: c_int,
        /// `nxtlvl` or `wait`.
        step: Word,
    }

    /// A step of `rcu_barrier()`.
    c"rcu_barrier" Barrier {
        /// RCU's name.
        rcu: Unread,
        /// `Begin`, `LastCB` and so on.
        step: Word,
        /// The CPU, or -1.
        cpu: c_int,
        /// How many callbacks it still waits for.
        remaining: c_int,
        /// Its number.
        seq: c_ulong,
    }

    /// How callbacks are spread over the segments of a CPU's list.
    c"rcu_segcb_stats" SegmentStats {
        /// The list.
        segments: Segments,
        /// On what occasion: `SegCBQueued` on the CPU that queues.
        occasion: Word,
    }

    /// A CPU begins to run callbacks.
    c"rcu_batch_start" BatchStart {
        /// RCU's name.
        rcu: Unread,
        /// How many there are.
        queued: c_long,
        /// How many it may run in one go.
        limit: c_long,
    }

    /// A CPU has run callbacks.
    c"rcu_batch_end" BatchEnd {
        /// RCU's name.
        rcu: Unread,
        /// How many it ran.
        invoked: c_int,
        /// Whether some are left.
        more: u8,
        /// Whether somebody else wants the CPU.
        resched: u8,
        /// Whether this is the idle task.
        idle: u8,
        /// Whether this is a kthread for callbacks.
        kthread: u8,
    }

    /// RCU begins or ceases to watch this CPU.
    c"rcu_watching" Watching {
        /// Which of the two: `Start`, `End`, `Startirq`, `Endirq`; `++=` and `--=` are neither.
        way: Word,
        /// The nesting before.
        before: c_long,
        /// The nesting after.
        after: c_long,
        /// The CPU's counter of such changes.
        counter: c_int,
    }

    /// A reader of rcutorture holds its section for long, or saw what it should not.
    c"rcu_torture_read" TortureRead {
        /// The name of what is tortured.
        flavour: Unread,
        /// What it should not have seen; 0 if it only takes long.
        seen: Address,
        /// When it began, in seconds.
        secs: c_ulong,
        /// How many grace periods had ended then.
        before: c_ulong,
        /// And how many when it was done.
        after: c_ulong,
    }
}
