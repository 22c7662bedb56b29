# SPDX-License-Identifier: GPL-2.0
# A stall against the default timeout, which nobody touches.
# kernels: debian lab
# warp: yes
# expect-stall: yes
# deadline: 120

. ./lib.sh
plan 2
load stall_torture

check "the timeout is the default" same "the timeout" "$(cat $stall_timeout)" 21
check "reader stalls" as_expected reader secs=24
