// SPDX-License-Identifier: GPL-2.0

#include <linux/ratelimit.h>

bool rculab_ratelimit(void)
{
	static DEFINE_RATELIMIT_STATE(refusals, DEFAULT_RATELIMIT_INTERVAL,
				      DEFAULT_RATELIMIT_BURST);

	return __ratelimit(&refusals);
}
