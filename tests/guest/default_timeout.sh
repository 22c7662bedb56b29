# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A stall against the default timeout, which nobody touches.
# kernels: debian lab
# warp: yes
# expect-stall: yes
# deadline: 120

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 2
load stall_torture

check "the timeout is the default" same "the timeout" "$(cat $stall_timeout)" 21
check "reader stalls" as_expected reader secs=24
