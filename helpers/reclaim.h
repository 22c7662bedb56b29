/* SPDX-License-Identifier: GPL-2.0 */

#ifndef RCULAB_RECLAIM_H
#define RCULAB_RECLAIM_H

struct work_struct;

/* Implemented in rcu/reclaim.rs. */
void rculab_reclaim(struct work_struct *work);

#endif
