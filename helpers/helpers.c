// SPDX-License-Identifier: GPL-2.0
/*
 * Functions for what the kernel's headers only offer as a macro or a static
 * inline: Rust can call neither. Each is named after what it wraps.
 */

#include "inline.c"

/* These have variables of their own, of which there must not be a copy each. */
#include "clockchips.c"
#include "control.c"
#include "lock_classes.c"
#include "nmi.c"
#include "reclaim.c"
#include "slab.c"
#include "timer.c"
#include "tracepoint.c"
