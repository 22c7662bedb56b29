# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The benchmarks: ours, and the kernel's own where it has them. Each line begins with whose it is.

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh
bench=/sys/kernel/debug/rcu_bench

echo run >$bench/control || {
	cat $bench/last_error
	exit 1
}
sed '/^#/d; s/^/rcu_bench /' $bench/results

# in_kernel MODULE UNTIL PARAMETER...: runs a benchmark of the kernel to the end that the words
# UNTIL announce in its log, and leaves the log in /tmp/log.
in_kernel() {
	module=$1
	until=$2
	shift 2
	dmesg -c >/dev/null
	insmod "/lab/modules/$module.ko" shutdown_secs=0 "$@" || exit 1
	until dmesg | grep -q "$until"; do
		sleep 0.1
	done
	sleep 0.5
	rmmod "$module"
	dmesg >/tmp/log
}

[ -e /lab/modules/torture.ko ] || exit 0
insmod /lab/modules/torture.ko || exit 1

for type in rcu srcu srcu-fast srcu-fast-updown; do
	in_kernel refscale "END OF TEST" scale_type=$type nreaders=1 nruns=5 loops=1000
	# The last table: `run<tab>nanoseconds`.
	sed -n "s/.*\] [1-9][0-9]*	\([0-9.]*\)$/refscale \1 $type/p" /tmp/log
done

for expedited in 0 1; do
	in_kernel rcuscale "Test complete" nreaders=0 nwriters=1 holdoff=1 verbose=0 gp_exp=$expedited
	sed -n "s/.*writer-duration: *[0-9]* \([0-9]*\)$/rcuscale \1 gp_exp=$expedited/p" /tmp/log
done
for by_call_rcu in 0 1; do
	in_kernel rcuscale "Total time taken" kfree_rcu_test=1 kfree_rcu_test_double=1 \
		kfree_nthreads=1 kfree_alloc_num=1000 kfree_loops=32 kfree_by_call_rcu=$by_call_rcu
	# For all 32 times 1000 objects.
	ns=$(sed -n "s/.*Total time taken by all kfree'ers: \([0-9]*\) ns.*/\1/p" /tmp/log)
	echo "rcuscale $((ns / 32000)) kfree_by_call_rcu=$by_call_rcu"
done
rmmod torture
