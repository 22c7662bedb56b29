// SPDX-License-Identifier: GPL-2.0

//! What the files of the grace-period counters say, and how a person sees it.

pub mod events;
pub mod files;
pub mod timeline;
pub mod view;
