# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# What the probes cost, on the instruction clock: each for an event of its own, and what all together
# cost a fixed load. The load is call_rcu() by itself, and rcuscale.
# kernels: lab
# cpus: 1
# warp: yes
# modules: torture rcu/rcuscale
# append: kunit.enable=1 kunit.filter_glob=rculab_gp_cost
# deadline: 300
# only-full: yes

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 10
rcu=$debugfs/rcu
# -icount shift=6: an instruction takes 64 ns of the guest's clock. A run has 1000 callbacks.
ns_per_instruction=64
callbacks=1000
objects=8000

# The instructions of one call_rcu() of C, in the run that nothing disturbed.
call_rcu() {
	for _ in 1 2 3; do
		echo run >$debugfs/rcu_bench/control
		awk -v unit=$((ns_per_instruction * callbacks)) '
			$NF == "loop" { loop = $2 }
			/ retire, call_rcu$/ { printf "%d\n", ($2 - loop) / unit }
		' $debugfs/rcu_bench/results
	done | sort -n | head -n 1
}

queued() {
	awk '$1 == 0 { print $6 }' $rcu/rcudata
}

# rcuscale PARAMETERS...: by its own measure, the instructions of a grace period, on average, or of
# one kfree_rcu(). It prints more than the kernel's log keeps.
rcuscale() {
	cat /proc/kmsg >/tmp/kmsg &
	insmod /lab/modules/rcuscale.ko shutdown_secs=0 verbose=0 "$@" || return
	until_true 100 grep -q 'Total time\|Test complete' /tmp/kmsg
	rmmod rcuscale
	sleep 1
	kill $!
	awk -v ns=$ns_per_instruction -v objects=$objects '
		/ duration: / { n = 0; for (i = 1; i < NF; i++) if ($i == "duration:") n = $(i + 1) / $(i + 3) }
		/ kfree.ers: / { for (i = 1; i < NF; i++) if ($i ~ /ers:$/) n = $(i + 1) / objects }
		END { printf "%d\n", n / ns }
	' /tmp/kmsg
}

# In /tmp/measured: the instructions of call_rcu(), of two kinds of grace periods, and of kfree_rcu().
measure() {
	{
		call_rcu
		rcuscale nreaders=1 nwriters=1 holdoff=1 minruntime=4
		rcuscale nreaders=1 nwriters=1 holdoff=1 minruntime=4 gp_exp=1
		rcuscale kfree_rcu_test=1 kfree_nthreads=1 kfree_alloc_num=$((objects / 8)) kfree_loops=8
	} | xargs >/tmp/measured
}

load torture rcu_bench
measure
read -r without gps_without expedited_without kfree_without </tmp/measured
dmesg -c >/dev/null
load rcu_demo
# `event instructions word`: a suite of the module has measured each.
dmesg | sed -n 's/.*cost of \([a-z_]*\) \(.*\): \([0-9]*\) ns for 1000$/\1 \3 \2/p' |
	awk -v unit=$((ns_per_instruction * 1000)) '{ printf "%s %.0f", $1, $2 / unit; $1 = $2 = ""; print }' >/tmp/costs
sed 's/^/# /' /tmp/costs
measure
read -r detached gps_detached expedited_detached kfree_detached </tmp/measured
echo 0 >$rcu/probe_hz
echo 1 >$rcu/enable
measure
read -r attached gps_attached expedited_attached kfree_attached </tmp/measured
counted=$(queued)
echo 0 >$rcu/enable
echo "# instructions: without the module, with its probes detached, with them attached"
echo "# call_rcu(): $without, $detached, $attached"
echo "# rcuscale's grace periods: $gps_without, $gps_detached, $gps_attached"
echo "# its expedited ones: $expedited_without, $expedited_detached, $expedited_attached"
echo "# its kfree_rcu(): $kfree_without, $kfree_detached, $kfree_attached"

# Each event costs this much at most. One that is kept for the stream, or begins or ends something,
# also reads the clock; and the end of a grace period has a place in a histogram.
clock=$(awk '$1 == "reading" { print $2 }' /tmp/costs)
each() {
	[ "$(wc -l </tmp/costs)" -ge 20 ] || { cat /tmp/costs; return 1; }
	awk -v clock="$clock" '
		$1 == "reading" { next }
		{ most = 60 }
		/ (fqsstart|cpuqs|dti|Inc1|Inc2|start or end)$/ { most += clock }
		/^rcu_grace_period .* start or end$/ { most += 15 }
		$2 > most { print; bad = 1 }
		END { exit bad }
	' /tmp/costs
}
check "each probe is short" each

# within PERCENT BASE VALUE
within() {
	if [ "$2" -le 0 ] || [ $(($3 * 100)) -gt $(($2 * (100 + $1))) ]; then
		echo "$3 is over $1 % more than $2"
		return 1
	fi
}

# The bounds are half as much again as what was measured when they were chosen. The way through
# call_rcu() is not the same each time: some twenty instructions are its own, and 3 % of rcuscale.
check "detached they cost nothing" [ $((detached - without)) -le 25 ]
check "attached they cost little" [ $((attached - detached)) -le 450 ]
check "and they counted" [ "$counted" -ge $callbacks ]
check "detached, rcuscale's grace periods take as long" within 3 "$gps_without" "$gps_detached"
check "its expedited ones" within 3 "$expedited_without" "$expedited_detached"
check "and its kfree_rcu()" within 3 "$kfree_without" "$kfree_detached"
check "attached, its grace periods take hardly longer" within 30 "$gps_without" "$gps_attached"
check "its expedited ones" within 17 "$expedited_without" "$expedited_attached"
check "and its kfree_rcu()" within 5 "$kfree_without" "$kfree_attached"
