# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# What the probes cost a fixed load, on the instruction clock: nothing while they are detached, and
# little while they are attached. The load is call_rcu() by itself, and rcuscale.
# kernels: lab
# cpus: 1
# warp: yes
# modules: torture rcu/rcuscale
# deadline: 300
# only-full: yes

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 5
rcu=$debugfs/rcu
# -icount shift=6: an instruction takes 64 ns of the guest's clock. A run has 1000 callbacks.
ns_per_instruction=64
callbacks=1000

# The instructions of one call_rcu() of C, in the run that nothing disturbed.
call_rcu() {
	echo run >$debugfs/rcu_bench/control
	awk -v unit=$((ns_per_instruction * callbacks)) '
		$NF == "loop" { loop = $2 }
		/ retire, call_rcu$/ { printf "%d\n", ($2 - loop) / unit }
	' $debugfs/rcu_bench/results
}

queued() {
	awk '$1 == 0 { print $6 }' $rcu/rcudata
}

# rcuscale PARAMETERS...: its own measure, in ms, of so many grace periods, or so much kfree_rcu().
rcuscale() {
	dmesg -c >/dev/null
	insmod /lab/modules/rcuscale.ko shutdown_secs=0 verbose=0 "$@" || return
	until_true 60 sh -c "dmesg | grep -q 'Total time\|has .* measurements'"
	sleep 0.2
	rmmod rcuscale
	dmesg | sed -n 's/.*\(duration:\|kfree.ers:\) \([0-9]*\).*/\2/p' | awk '{ print int($1 / 1000000); exit }'
}

# In /tmp/measured: call_rcu() in instructions, and two runs of rcuscale in ms.
measure() {
	{
		call_rcu
		rcuscale nreaders=1 nwriters=1 holdoff=1
		rcuscale kfree_rcu_test=1 kfree_nthreads=1 kfree_alloc_num=4000 kfree_loops=8
	} | xargs >/tmp/measured
}

load torture rcu_bench
measure
read -r without gps_without kfree_without </tmp/measured
load rcu_demo
measure
read -r detached gps_detached kfree_detached </tmp/measured
echo 0 >$rcu/probe_hz
echo 1 >$rcu/enable
measure
read -r attached gps_attached kfree_attached </tmp/measured
counted=$(queued)
echo 0 >$rcu/enable
echo "# instructions of call_rcu(): $without without the module, $detached with its probes" \
	"detached, $attached with them attached"

echo "# rcuscale, ms: grace periods $gps_without without, $gps_detached detached, $gps_attached attached;" \
	"kfree_rcu() $kfree_without, $kfree_detached, $kfree_attached"

# within PERCENT BASE VALUE
within() {
	[ $(($3 * 100)) -le $(($2 * (100 + $1))) ] || { echo "$3 is over $1 % more than $2"; return 1; }
}

# The way through call_rcu() is not the same each time: some twenty instructions are its own.
check "detached they cost nothing" [ $((detached - without)) -le 25 ]
# Two events, with the kernel's own way from its tracepoint to a probe.
check "attached they cost little" [ $((attached - detached)) -le 450 ]
check "and they counted" [ "$counted" -ge $callbacks ]
check "rcuscale's grace periods take as long" within 5 "$gps_without" "$gps_attached"
check "rcuscale's kfree_rcu() takes as long" within 5 "$kfree_without" "$kfree_attached"
