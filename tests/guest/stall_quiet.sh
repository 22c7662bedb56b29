# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Stalls in a guest that is idle otherwise: its CPUs leave their timers to the one that is stuck.
# kernels: lab
# warp: yes
# expect-stall: yes
# deadline: 60

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 3
load stall_torture
set_knob $stall_timeout 3
wait_for_high_resolution

# quiet REQUEST: four times, and nobody here looks meanwhile, for that would keep a CPU awake.
quiet() {
	accepted $torture/trigger "$1 secs=5 repeat=4 holdoff=2" || return
	sleep 35
	same "status" "$(cat $torture/status)" idle || return
	tail -n 4 $torture/report.json >/tmp/rounds
	same "the good ones" "$(grep -c '"verdict":"as expected"' /tmp/rounds)" 4 || { cat /tmp/rounds; return 1; }
}

check "interrupts off on the last CPU" quiet "irqs-off cpu=1"
check "interrupts off on the first" quiet "irqs-off cpu=0"
check "an interrupt that does not end" quiet "hrtimer-storm cpu=1"

set_knob $stall_timeout 21
