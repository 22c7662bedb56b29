// SPDX-License-Identifier: GPL-2.0
/*
 * A sleep whose timer stays on its CPU. That of schedule_timeout() does not: an
 * idle CPU leaves it to one that is busy, and so, perhaps, to one that is stuck.
 */

#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/timer.h>

struct sleeper {
	struct timer_list timer;
	struct task_struct *task;
};

static void rculab_wake(struct timer_list *timer)
{
	struct sleeper *sleeper = timer_container_of(sleeper, timer, timer);

	wake_up_process(sleeper->task);
}

void rculab_sleep_pinned(unsigned long timeout)
{
	struct sleeper sleeper = { .task = current };

	timer_setup_on_stack(&sleeper.timer, rculab_wake, TIMER_PINNED);
	sleeper.timer.expires = jiffies + timeout;
	set_current_state(TASK_INTERRUPTIBLE);
	add_timer(&sleeper.timer);
	schedule();
	timer_delete_sync(&sleeper.timer);
	timer_destroy_on_stack(&sleeper.timer);
}
