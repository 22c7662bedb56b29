# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Each way to share a list lets readers and updaters through, and every walk sees the whole list. How
# often is for `make bench` to say.
# kernels: lab debug

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 11
load rcu_bench
dir=$debugfs/rcu_bench
control=$dir/control
invalid="Invalid argument"

# shared SCHEME: two readers and an updater.
shared() {
	accepted $control "throughput $1 2 1 500" || return
	# scheme, readers, updaters, nanoseconds, walks, those in vain, updates
	grep -q "^$1 2 1 [1-9][0-9]* [1-9][0-9]* [0-9]* [1-9][0-9]*$" $dir/throughput || {
		cat $dir/throughput
		return 1
	}
}
for scheme in RcuList Mutex SpinLock rwlock seqlock; do
	check "$scheme" shared $scheme
done

check "no such way" refused $control "throughput lock 1 1 1" "$invalid" "SCHEME 'lock'"
check "too many readers" refused $control "throughput Mutex 65 1 1" "$invalid" "READERS '65'"
check "nobody at all" refused $control "throughput Mutex 0 0 1" "$invalid" "expected a thread"
check "no time" refused $control "throughput Mutex 1 1 0" "$invalid" "MS '0'"
check "no number" refused $control "throughput Mutex 1 1 x" "$invalid" "MS 'x'"
check "a word too few" refused $control "throughput Mutex 1 1" "$invalid" "SCHEME READERS"
