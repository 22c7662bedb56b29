# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Grace periods as short as they can be: the same stalls, and no more.
# kernels: strict
# warp: yes
# append: csdlock_debug=1
# expect-stall: yes
# deadline: 240

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan "$(catalogue | wc -l)"
load stall_torture
set_knob $stall_timeout 3

check_catalogue

set_knob $stall_timeout 21
