// SPDX-License-Identifier: GPL-2.0
/*
 * Functions for what the kernel's headers only offer as a macro or a static
 * inline: Rust can call neither. Each is named after what it wraps.
 */

#include "control.c"
#include "rcu.c"
#include "tracepoint.c"
#include "wrappers.c"
