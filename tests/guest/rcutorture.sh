# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# The litmus and a list under torture, while the kernel's own rcutorture tortures the same RCU.
# kernels: lab debug
# cpus: 4
# modules: torture rcu/rcutorture
# deadline: 150

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 6
rounds=10
[ -z "$FULL" ] || rounds=200
pairs=4
proof=$debugfs/rcu_proof
# Left again before the test ends, in this order.
load torture
# A writer that pauses for longer than an interval is taken for stalled, and the trace is dumped.
insmod /lab/modules/rcutorture.ko stat_interval=2 stutter=0 || exit 1
loaded="rcutorture $loaded"
load rcu_proof rculist

sum_of() {
	awk -v column="$1" '!/^#/ { sum += $column } END { print sum }' $proof/results
}

check "rcutorture runs" until_true 20 sh -c "dmesg | grep -q 'rcu-torture: .*rtc: .* ver: [1-9]'"
check "a list is tortured besides" accepted $debugfs/rculist/control "torture readers=2 updaters=1 secs=5"
check "the litmus is played" accepted $proof/control "litmus pairs=$pairs rounds=$rounds"
check "nobody saw what must not be" same "early returns and objects that went" \
	"$(sum_of 4) $(sum_of 5)" "0 0"
until_true 60 grep -q '^torture_threads 0' $debugfs/rculist/stats
check "nor in the list" same violations "$(value $debugfs/rculist/stats violations)" 0
unload_all
check "rcutorture ends with success" sh -c "dmesg | grep -q 'rcu-torture:--- End of test: SUCCESS'"
