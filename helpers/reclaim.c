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
