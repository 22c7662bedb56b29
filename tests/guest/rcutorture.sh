# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# The litmus, a list under torture and the KUnit suites, while the kernel's own rcutorture tortures
# the same RCU.
# kernels: lab debug
# cpus: 4
# modules: torture rcu/rcutorture
# append: kunit.enable=1 kmemleak=off
# deadline: 240

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 7
rounds=3
[ -z "$FULL" ] || rounds=50
pairs=4
proof=$debugfs/rcu_proof
# Left again before the test ends, in this order.
load torture
# A writer that pauses for longer than an interval is taken for stalled, and the trace is dumped. And
# that grace periods are fast, which it also looks at, a busy machine cannot promise.
insmod /lab/modules/rcutorture.ko stat_interval=2 stutter=0 fwd_progress=0 || exit 1
loaded="rcutorture $loaded"
load rcu_proof rculist

sum_of() {
	awk -v column="$1" '!/^#/ { sum += $column } END { print sum }' $proof/results
}

# passed SUITE: its last run did.
passed() {
	last=$(tail -n 1 "$suites/$1/results")
	case $last in
	"ok "*"$1") ;;
	*)
		echo "$1 says '$last'"
		return 1
		;;
	esac
}

# The suites run as the module loads; in a full check they run again, and again.
run_suites() {
	load rcu_demo || return
	set -- "$suites"/rcu_*
	[ $# -ge 20 ] || { echo "only $# suites"; return 1; }
	for suite in "$@"; do
		passed "${suite##*/}" || return
	done
	[ -n "$FULL" ] || return 0
	for suite in "$@" "$@"; do
		echo 1 >"$suite/run" || return
		passed "${suite##*/}" || return
	done
}

check "rcutorture runs" until_true 20 sh -c "dmesg | grep -q 'rcu-torture: .*rtc: .* ver: [1-9]'"
check "a list is tortured besides" accepted $debugfs/rculist/control "torture readers=2 updaters=1 secs=5"
check "the litmus is played" accepted $proof/control "litmus pairs=$pairs rounds=$rounds"
check "nobody saw what must not be" same "early returns and objects that went" \
	"$(sum_of 4) $(sum_of 5)" "0 0"
until_true 60 grep -q '^torture_threads 0' $debugfs/rculist/stats
check "nor in the list" same violations "$(value $debugfs/rculist/stats violations)" 0
suites=$debugfs/kunit
if [ "$KERNEL" = lab ]; then
	check "the KUnit suites pass" run_suites
else
	skip "the KUnit suites pass" "it takes them minutes on this kernel"
fi
unload_all
check "rcutorture ends with success" sh -c "dmesg | grep -q 'rcu-torture:--- End of test: SUCCESS'"
