# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Timers that count in whole jiffies make no storm: it says so, or is aborted before.
# kernels: lab
# warp: yes
# append: highres=off
# deadline: 60

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 2
load stall_torture

# ended VERDICT: so is the run, within what it waits for a better clock.
ended() {
	until_true 30 grep -qx idle $torture/status || return
	same "the verdict" "$(report verdict)" "$1" || { cat $torture/report; return 1; }
}

aborted() {
	accepted $torture/trigger hrtimer-storm || return
	# The victim waits.
	usleep 500000
	accepted $torture/abort 1 || return
	ended aborted
}
check "a storm that waits for a better clock is aborted" aborted

failed() {
	accepted $torture/trigger hrtimer-storm || return
	ended failed || return
	# ENODEV
	tail -n 1 $torture/report.json | grep -q '"error":-19,'
}
check "a storm fails" failed
