// SPDX-License-Identifier: GPL-2.0

//! What RCU tells about its state: the functions that it exports for rcutorture and its like.
//!
//! C headers: [`kernel/rcu/rcu.h`](srctree/kernel/rcu/rcu.h),
//! [`include/linux/rcu_node_tree.h`](srctree/include/linux/rcu_node_tree.h)

#[cfg(any(CONFIG_TASKS_RCU, CONFIG_TASKS_RUDE_RCU))]
use crate::sys;
use crate::time::from_jiffies;
use core::str;
use kernel::{
    ffi::{
        c_int,
        c_ulong, //
    },
    time::Delta, //
};

#[cfg(CONFIG_TINY_RCU)]
pub(crate) mod tiny;
#[cfg(not(CONFIG_TINY_RCU))]
pub(crate) mod tree;
#[cfg(CONFIG_TINY_RCU)]
pub(crate) use tiny as kind;
#[cfg(not(CONFIG_TINY_RCU))]
pub(crate) use tree as kind;

/// Whether vanilla RCU is Tiny RCU: one CPU, no tree, no kthread, nobody who reports a stall.
pub const IS_TINY: bool = cfg!(CONFIG_TINY_RCU);

/// A reading of vanilla RCU's grace-period sequence number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GpSeq(c_ulong);

impl GpSeq {
    /// Reads the number. Any context.
    #[inline]
    pub fn now() -> Self {
        Self(kind::gp_seq())
    }

    /// Returns whether a grace period was in flight.
    #[inline]
    pub fn in_flight(self) -> bool {
        self.0 & ((1 << kind::STATE_BITS) - 1) != 0
    }

    /// Returns how many grace periods have ended, as the kernel counts: from below zero.
    #[inline]
    pub fn completed(self) -> isize {
        self.printed() >> kind::STATE_BITS
    }

    /// Returns the number as the kernel prints it (`g=`).
    #[inline]
    pub fn printed(self) -> isize {
        self.0 as isize
    }
}

/// A reading of vanilla RCU's sequence number of expedited grace periods.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExpSeq(c_ulong);

impl ExpSeq {
    /// Reads the number, if there are expedited grace periods. Any context.
    #[inline]
    pub fn now() -> Option<Self> {
        kind::exp_seq().map(Self)
    }

    /// Returns whether an expedited grace period was in flight.
    #[inline]
    pub fn in_flight(self) -> bool {
        self.0 & 3 != 0
    }

    /// Returns how many expedited grace periods have ended.
    #[inline]
    pub fn completed(self) -> usize {
        self.0 >> 2
    }

    /// Returns the number as the kernel prints it (`s:`).
    #[inline]
    pub fn printed(self) -> usize {
        self.0
    }
}

/// Returns how long a grace period may take before the kernel reports a stall.
///
/// The kernel reads the setting when a grace period starts.
pub fn stall_timeout() -> Delta {
    from_jiffies(kind::stall_jiffies() as c_ulong)
}

/// Returns how long an expedited grace period may take before the kernel reports a stall.
pub fn expedited_stall_timeout() -> Delta {
    from_jiffies(kind::expedited_stall_jiffies() as c_ulong)
}

/// What rcutorture prints of the grace-period kthread, and of the three sequence numbers.
pub struct TortureState {
    /// Its flags.
    pub flags: c_int,
    /// The numbers, as rcutorture formats them.
    pub text: [u8; 32],
}

impl TortureState {
    /// Reads it, if this kind of RCU tells it. Any context.
    pub fn now() -> Option<Self> {
        kind::torture()
    }

    /// The formatted numbers.
    pub fn seqs(&self) -> &str {
        let end = self.text.iter().position(|byte| *byte == 0);
        str::from_utf8(&self.text[..end.unwrap_or(0)]).unwrap_or_default()
    }
}

/// The shape that the kernel was built for; booting may change it.
pub struct BuiltShape {
    /// The children of an inner node, at most.
    pub fanout: u32,
    /// The CPUs of a leaf, at most.
    pub fanout_leaf: u32,
    /// The levels, at most.
    pub levels: u32,
    /// The nodes, at most.
    pub nodes: u32,
}

/// Returns the shape that the kernel was built for, if it has a tree.
pub fn built_shape() -> Option<BuiltShape> {
    kind::built_shape()
}

/// One of the flavours beside vanilla RCU that there is one of.
#[derive(Clone, Copy)]
pub enum Special {
    /// RCU Tasks.
    Tasks,
    /// RCU Tasks Rude.
    TasksRude,
    /// RCU Tasks Trace, which is an SRCU domain.
    TasksTrace,
}

impl Special {
    /// Reads the flavour's sequence number, unless the kernel was built without it. Any context.
    pub fn seq(self) -> Option<c_ulong> {
        let (mut flags, mut seq): (c_int, c_ulong) = (0, 0);
        match self {
            #[cfg(CONFIG_TASKS_RCU)]
            // SAFETY: Reads a word, and writes the two.
            Self::Tasks => unsafe { sys::rcu_tasks_get_gp_data(&mut flags, &mut seq) },
            #[cfg(CONFIG_TASKS_RUDE_RCU)]
            // SAFETY: As above.
            Self::TasksRude => unsafe { sys::rcu_tasks_rude_get_gp_data(&mut flags, &mut seq) },
            #[cfg(CONFIG_TASKS_TRACE_RCU)]
            Self::TasksTrace => seq = kind::tasks_trace_seq(),
            #[allow(unreachable_patterns, reason = "where the kernel has all of them")]
            _ => return None,
        }
        let _ = flags;
        Some(seq)
    }
}

/// Returns how many readers RCU Tasks Trace has now, unless the kernel was built without it. Any
/// context.
pub fn tasks_trace_readers() -> Option<c_ulong> {
    #[cfg(CONFIG_TASKS_TRACE_RCU)]
    // SAFETY: Only reads counters; the domain is static.
    return Some(unsafe {
        sys::rculab_srcu_readers(sys::rcu_tasks_trace_srcu_struct.get().cast())
    });
    #[cfg(not(CONFIG_TASKS_TRACE_RCU))]
    None
}
