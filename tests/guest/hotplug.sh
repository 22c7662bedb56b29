# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# CPUs go and come while the litmus is played.
# cpus: 4
# append: kmemleak=off
# deadline: 150

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 4
cycles=30
[ -z "$FULL" ] || cycles=120
load rcu_proof
proof=$debugfs/rcu_proof

sum_of() {
	awk -v column="$1" '!/^#/ { sum += $column } END { print sum }' $proof/results
}

# The litmus goes on for as long as CPUs go and come.
play() {
	plays=0
	while [ ! -e /tmp/cycled ]; do
		echo "litmus pairs=4 rounds=5" >$proof/control || return
		echo "$(sum_of 4) $(sum_of 5)" >>/tmp/seen
		plays=$((plays + 1))
	done
}

cycle_all() {
	cycle=0
	while [ $cycle -lt $cycles ]; do
		for cpu in 1 2 3; do
			online=/sys/devices/system/cpu/cpu$cpu/online
			for state in 0 1; do
				set_knob $online $state || return
			done
			cycle=$((cycle + 1))
		done
	done
}

rm -f /tmp/seen /tmp/cycled
play >/tmp/play 2>&1 &
player=$!
check "$cycles times a CPU goes and comes back" cycle_all
touch /tmp/cycled
check "the litmus was played meanwhile" wait $player
check "and nobody saw what must not be" same "early returns and objects that went" \
	"$(sort -u /tmp/seen)" "0 0"
check "all CPUs are back" same online "$(cat /sys/devices/system/cpu/online)" 0-3
