# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# What the probes cost a fixed load of callbacks, on the instruction clock: nothing while they are
# detached, and little while they are attached.
# kernels: lab
# cpus: 1
# warp: yes
# deadline: 120
# only-full: yes

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 3
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

load rcu_bench
without=$(call_rcu)
load rcu_demo
detached=$(call_rcu)
echo 0 >$rcu/probe_hz
echo 1 >$rcu/enable
attached=$(call_rcu)
counted=$(queued)
echo 0 >$rcu/enable
echo "# instructions of call_rcu(): $without without the module, $detached with its probes" \
	"detached, $attached with them attached"

# The way through call_rcu() is not the same each time: some twenty instructions are its own.
check "detached they cost nothing" [ $((detached - without)) -le 25 ]
# Two events, with the kernel's own way from its tracepoint to a probe.
check "attached they cost little" [ $((attached - detached)) -le 450 ]
check "and they counted" [ "$counted" -ge $callbacks ]
