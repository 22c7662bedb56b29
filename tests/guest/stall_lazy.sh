# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Where readers cannot be preempted, one is a CPU that does not schedule; a loop is still no stall.
# kernels: lazy
# warp: yes
# append: csdlock_debug=1
# expect-stall: yes
# deadline: 240

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan $(($(catalogue | wc -l) + 5))
load stall_torture
set_knob $stall_timeout 3

check_catalogue
check "a loop is silent" as_expected lazy-loop secs=5
check "reader stalls" as_expected reader secs=5
check "and is a CPU" grep -Eq 'rcu: 	1-\.\.\.\.: ' /tmp/log
check "it is called rcu_sched" grep -Eq 'rcu: INFO: rcu_sched (self-detected stall on CPU|detected stalls)' /tmp/log
check "a reader that is preempted does not exist" refused $torture/trigger reader-preempted \
	"Operation not supported" "needs CONFIG_PREEMPT_RCU"

set_knob $stall_timeout 21
