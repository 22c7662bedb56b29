# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# With PREEMPT_RT who has softirqs off is a reader that may be preempted, and RCU's own kthreads can be
# starved like others. RCU_BOOST helps against what has a lower priority than it lends, which is 1 by
# default.
# kernels: rt
# warp: yes
# append: csdlock_debug=1
# expect-stall: yes
# deadline: 240

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan $(($(catalogue | wc -l) + 2))
load stall_torture
set_knob $stall_timeout 3

check_catalogue
check "rt-hog stalls" as_expected rt-hog secs=5
check "since rcuc is starved" grep -Eq 'rcu: 	1-\.\.\.\.: .* rcuc=[0-9]+ jiffies\(starved\)$' /tmp/log

set_knob $stall_timeout 21
