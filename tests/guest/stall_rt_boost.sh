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

# The module does not see what the kernel was booted with: a stall was to come, and did not.
healed() {
	provoke reader-preempted secs=6 || return
	same "the verdict" "$(report verdict)" missing || return
	left=$(report 'reader left after, ms')
	[ "$left" -lt 3000 ] || { echo "the reader left after $left ms"; return 1; }
}
check "reader-preempted is boosted" healed

# RCU's kthread of the CPU has that priority too.
not_starved() {
	provoke rt-hog secs=6 || return
	same "the verdict" "$(report verdict)" missing
}
check "rt-hog does not starve rcuc" not_starved

set_knob $stall_timeout 21
