// SPDX-License-Identifier: GPL-2.0

#include <linux/workqueue.h>

#include "reclaim.h"

static DECLARE_WORK(reclaim_work, rculab_reclaim);

void rculab_schedule_reclaim(void)
{
	schedule_work(&reclaim_work);
}

void rculab_flush_reclaim(void)
{
	flush_work(&reclaim_work);
}

struct workqueue_struct *rculab_alloc_workqueue(const char *name)
{
	return alloc_workqueue("%s", WQ_UNBOUND, 0, name);
}

void rculab_flush_workqueue(struct workqueue_struct *wq)
{
	flush_workqueue(wq);
}
