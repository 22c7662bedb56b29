# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# With Tiny RCU a CPU that does not schedule holds grace periods up as elsewhere, and nobody says so:
# neither of stalls that last longer than the 21 s that this RCU names, nor where what a scenario
# needs is missing. All else of the modules works.
# kernels: tiny
# warp: yes
# expect-stall: yes
# deadline: 240

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 31
load rcu_demo rculist stall_torture
rcu=$debugfs/rcu
trigger=$torture/trigger
unsupported="Operation not supported"

check "this is Tiny RCU" same "the flavour" "$(value $rcu/geometry flavour)" tiny
check "there is no tree" same "levels and nodes" \
	"$(sed -n 's/^built_levels //p; s/^built_nodes //p; s/^levels //p; s/^nodes //p' $rcu/geometry | tr -d '\n')" ----
check "nor an expedited grace period" same "their number" "$(value $rcu/rcugp expedited_completed)" -
check "which is explained" grep -q '^# -: Tiny RCU' $rcu/rcugp
check "the kernel is not asked" refused $rcu/ask 1 "$unsupported" "Tiny RCU tells nothing"

# This shell alone switches the context often enough.
counts() {
	before=$(value $rcu/rcugp completed)
	after=$(value $rcu/rcugp completed)
	[ "$after" -gt "$before" ] || { echo "completed went from $before to $after"; return 1; }
}
check "a context switch is a grace period" counts

route_table() {
	control=$debugfs/rcu_demo/route_table/control
	accepted $control "readers 2" || return
	accepted $control "add 10.0.0.0/8 192.168.0.1" || return
	accepted $control "add 10.0.0.0/8 192.168.0.2" || return
	accepted $control "del 10.0.0.0/8 call" || return
	accepted $control "readers 0" || return
	same violations "$(value $debugfs/rcu_demo/route_table/stats violations)" 0
}
check "the route table changes under its readers" route_table

list() {
	control=$debugfs/rculist/control
	accepted $control "fill 100" || return
	accepted $control "torture readers=2 updaters=1 secs=1" || return
	until_true 60 grep -q '^torture_threads 0' $debugfs/rculist/stats || return
	accepted $control clear || return
	same violations "$(value $debugfs/rculist/stats violations)" 0
}
check "the list changes under its readers" list

for scenario in reader preempt-off bh-off softirq-loop irqs-off slow-interrupt hrtimer-storm \
	"hrtimer-storm mode=yielding" stuck-callback rt-hog expedited-reader expedited-irqs-off srcu \
	no-gp lazy-loop idle; do
	# shellcheck disable=SC2086 # one word a key
	check "$scenario is silent" as_expected $scenario secs=5
done

# Longer than the timeout that there would be. The other watchdog is there.
for_long() {
	as_expected reader secs=30 || return
	grep -q 'BUG: soft lockup - CPU#0 stuck for' /tmp/log
}
check "so is a reader for 30 s; the watchdog of soft lockups is not" for_long

check "there is no kthread to block" refused $trigger gp-kthread-blocked "$unsupported" \
	"needs a kthread of grace periods, which Tiny RCU lacks: not met"
check "nor to starve" refused $trigger gp-kthread-starved "$unsupported" \
	"needs a kthread of grace periods, which Tiny RCU lacks: not met"
check "nor another CPU to wait for" refused $trigger csd-lock "$unsupported" \
	"needs CONFIG_CSD_LOCK_WAIT_DEBUG: not met"
check "nor to keep the time" refused $trigger tick-off "$unsupported" \
	"needs another CPU, which keeps the time, and Tiny RCU has none: not met"
check "nor to stall too" refused $trigger "reader + irqs-off" "Invalid argument" \
	"reader needs 3 CPUs online, not 1"

# It counts what a task does, and has its own kthread.
check "Tasks RCU reports its stalls" as_expected tasks timeout=3 secs=5
