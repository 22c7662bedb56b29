# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# RCU_BOOST heals, if it lends more than the thread has that keeps the reader off its CPU.
# kernels: rt
# warp: yes
# append: rcutree.kthread_prio=60
# deadline: 120

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 2
load stall_torture
set_knob $stall_timeout 3

silent() {
	as_expected "$@" || return
	same "the verdict" "$(report verdict)" "silent as expected"
}

healed() {
	silent reader-preempted secs=6 || return
	left=$(report 'reader left after, ms')
	[ "$left" -lt 3000 ] || { echo "the reader left after $left ms"; return 1; }
}
check "reader-preempted is boosted" healed
# RCU's kthread of the CPU has that priority too.
check "rt-hog does not starve rcuc" silent rt-hog secs=6

set_knob $stall_timeout 21
