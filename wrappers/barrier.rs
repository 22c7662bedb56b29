// SPDX-License-Identifier: GPL-2.0

//! Memory barriers between CPUs, under one name in every series.
//!
//! C header: [`include/asm-generic/barrier.h`](srctree/include/asm-generic/barrier.h)

#[cfg(not(barrier_by_type))]
pub use kernel::sync::barrier::{
    smp_rmb,
    smp_wmb, //
};

/// Loads before it come before loads after it, as other CPUs see them. Any context.
#[cfg(barrier_by_type)]
#[inline(always)]
pub fn smp_rmb() {
    kernel::sync::barrier::smp_mb(kernel::sync::barrier::Read);
}

/// Stores before it come before stores after it, as other CPUs see them. Any context.
#[cfg(barrier_by_type)]
#[inline(always)]
pub fn smp_wmb() {
    kernel::sync::barrier::smp_mb(kernel::sync::barrier::Write);
}
