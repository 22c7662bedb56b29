# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# With PREEMPT_RT, RCU's own kthreads can be starved like others; RCU_BOOST helps against what has a
# lower priority than it lends, which is 1 by default.
# kernels: rt
# warp: yes
# expect-stall: yes
# deadline: 120

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 5
load stall_torture
set_knob $stall_timeout 3

check "rt-hog stalls" as_expected rt-hog secs=5
check "since rcuc is starved" grep -Eq 'rcu: 	1-.*rcuc=[0-9]+ jiffies\(starved\)' /tmp/log
check "reader-preempted stalls" as_expected reader-preempted secs=5
check "reader stalls" as_expected reader secs=5
check "preempt-off stalls" as_expected preempt-off secs=5

set_knob $stall_timeout 21
