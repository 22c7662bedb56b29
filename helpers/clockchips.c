// SPDX-License-Identifier: GPL-2.0
/*
 * A clock event device is a structure that the bindings do not have, and
 * functions that it points to.
 */

#include <linux/clockchips.h>
#include <linux/slab.h>

static int rculab_no_event(unsigned long delta, struct clock_event_device *dev)
{
	return 0;
}

static int rculab_no_change(struct clock_event_device *dev)
{
	return 0;
}

/*
 * A timer of one CPU that is better than all others, and never fires. PERCPU
 * keeps it from being taken for a broadcast device.
 */
struct clock_event_device *rculab_silent_timer_alloc(unsigned int cpu)
{
	struct clock_event_device *dev;

	dev = kzalloc_obj(*dev, GFP_KERNEL);
	if (!dev)
		return NULL;
	dev->name = "rculab-silent";
	dev->features = CLOCK_EVT_FEAT_ONESHOT | CLOCK_EVT_FEAT_PERCPU;
	dev->rating = INT_MAX;
	dev->irq = -1;
	dev->cpumask = cpumask_of(cpu);
	dev->set_next_event = rculab_no_event;
	dev->set_state_oneshot = rculab_no_change;
	dev->set_state_oneshot_stopped = rculab_no_change;
	dev->set_state_shutdown = rculab_no_change;
	return dev;
}

bool rculab_silent_timer_is_used(struct clock_event_device *dev)
{
	return !clockevent_state_detached(dev);
}

void rculab_silent_timer_free(struct clock_event_device *dev)
{
	kfree(dev);
}
