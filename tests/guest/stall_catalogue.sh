# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Each scenario of the catalogue ends as it says, changes nothing for good, and the kernel's lines
# have the shapes that the documentation decodes, word for word.
# kernels: lab
# warp: yes
# append: csdlock_debug=1 rcutree.sysrq_rcu=1
# expect-stall: yes
# deadline: 240

# shellcheck source=tests/guest/lib.sh
. ./lib.sh

plan $(($(catalogue | wc -l) + 35))
load stall_torture
# Instruction clocks are TCG's, whose CPUs have what this one needs: it must not be skipped below.
may_stop_the_tick() {
	! is_unmet tick-off
}
check "tick-off can run" may_stop_the_tick
set_knob $stall_timeout 3
check_catalogue
# show_rcu asks for it once the report has begun.
check "sysrq-y beside a report" as_expected reader secs=5 sysrq_y=1
sed 's/^\[[^]]*\] //' /tmp/log >>/tmp/said
check "a stall that is reported before the call is" as_expected csd-lock timeout=60 secs=5
set_knob $stall_timeout 21

# There is never as much memory as this.
no_memory() {
	as_expected callback-flood floor=1048576 secs=1 || return
	same "the callbacks" "$(report 'callbacks queued')" 0 || return
	[ "$(report 'pauses for memory')" -gt 0 ]
}
check "a flood waits where memory is short" no_memory

# Each account is a line of JSON that has all of it. What is one is a value alone when its strings are,
# then its numbers and words, and then its lists and objects from the inside.
json() {
	cat $torture/report.json >/tmp/json
	sed -E -e 's/"([^"\\[:cntrl:]]|\\["\\]|\\u[0-9a-f]{4})*"/S/g' -e 's/-?[0-9]+|true|false|null/V/g' \
		-e :a -e 's/\[((S|V)(,(S|V))*)?\]/V/g' -e 's/\{(S:(S|V)(,S:(S|V))*)?\}/V/g' -e ta \
		/tmp/json | grep -vnx V && return 1
	for key in request kernel victim_cpu conductor_cpu gp_before gp_during gp_after began_ms stall_ms \
		timeout_ms first_line first_line_delay_ms lines reports changes expected verdict; do
		same "lines with $key" "$(grep -c "\"$key\":" /tmp/json)" "$(wc -l </tmp/json)" || return
	done
	grep -q '"first_line":"rcu: INFO: ' /tmp/json
}
check "report.json is JSON" json

# Which scenarios of the module are not in the catalogue. These do nothing without help.
left_out() {
	sed -n 's/^\([a-z][a-z-]*\)  *[0-9].*/\1/p' $torture/scenarios |
		grep -vx -e cpu-dead -e printk-flood -e watch >/tmp/names
	[ -s /tmp/names ] || { echo "no scenario was found"; return 1; }
	while read -r name; do
		grep -Eq "^$name( |$)" /tmp/catalogue || { echo "$name"; return 1; }
	done </tmp/names
}
check "the catalogue has all scenarios" left_out

# shape NAME EXPRESSION: the kernel printed a line that is just this.
shape() {
	check "$1" grep -Eq "^$2\$" /tmp/said
}

tab=$(printf '\t')
seconds='[0-9]+ jiffies'
gp='g=-?[0-9]+'
cpu_line() {
	echo "rcu: ${tab}[0-9]+-[O.][o.][N.]$1: \\([0-9]+ (ticks this GP|GPs behind)\\) idle=[0-9a-f]{4}/[0-9]+/0x[0-9a-f]+ softirq=[0-9]+/[0-9]+ fqs=[0-9]+( \\(false positive\\?\\))?"
}
kthread="g-?[0-9]+ f0x[0-9a-f]+ RCU_GP_WAIT_FQS\\(5\\) ->state=(0x[0-9a-f]+|[A-Z?])"

shape "S1, header" 'rcu: INFO: rcu_preempt self-detected stall on CPU'
shape "S1, last line" "rcu: $tab\\(t=$seconds $gp q=[0-9]+ ncpus=2\\)"
shape "S2, header" 'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:'
shape "S2, last line" "rcu: $tab\\(detected by [01], t=$seconds, $gp, q=[0-9]+ ncpus=2\\)"
shape "S3, short" "rcu: ${tab}Tasks blocked on level-0 rcu_node \\(CPUs 0-1\\): P[0-9]+"
shape "S3, long" "rcu: ${tab}Tasks blocked on level-0 rcu_node \\(CPUs 0-1\\): P[0-9]+/[0-9]+:[.b][.q][.e][.l]"
shape "S4, interrupts are taken" "$(cpu_line '\.')"
shape "S4, interrupts are off" "$(cpu_line '[0-9]')"
shape "S4, not even asked" "$(cpu_line '!')"
shape "S5, head" "rcu: $tab         hardirqs   softirqs   csw/system"
shape "S5, numbers" "rcu: $tab number: +[0-9]+ +[0-9]+ +[0-9]+"
shape "S5, times" "rcu: ${tab}cputime: +[0-9]+ +[0-9]+ +[0-9]+   ==> [0-9]+\\(ms\\)"
shape "S6" "rcu: All QSes seen, last rcu_preempt kthread activity [0-9]+ \\([0-9]+-[0-9]+\\), jiffies_till_next_fqs=[0-9]+, root ->qsmask 0x[0-9a-f]+"
shape "S7" "rcu: rcu_preempt kthread starved for [0-9]+ jiffies! $kthread ->cpu=[01]"
shape "S7, warning" "rcu: ${tab}Unless rcu_preempt kthread gets sufficient CPU time, OOM is now expected behavior\\."
shape "S7, stack of the kthread" "rcu: RCU grace-period kthread stack dump:"
shape "S7, stack where it ran" "rcu: Stack dump where RCU GP kthread last ran:"
shape "S8" "rcu: rcu_preempt kthread timer wakeup didn't happen for [0-9]+ jiffies! $kthread"
shape "S8, timer" "rcu: ${tab}Possible timer handling issue on cpu=[01] timer-softirq=[0-9]+"
expedited='rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: \{'
rest="\\} $seconds s: [0-9]+ root: 0x[0-9a-f]+/[.T]"
shape "S9, a CPU that was not asked" "$expedited 1-\\.\\.\\.D $rest"
shape "S9, a CPU that was asked" "$expedited 1-\\.\\.\\.\\. $rest"
shape "S9, a task" "$expedited P[0-9]+ $rest"
shape "S9, nodes" "rcu: blocking rcu_node structures \\(internal RCU debug\\):( l=[0-9]+:[0-9]+-[0-9]+:0x[0-9a-f]+/[.T])*"
shape "S10, before" "rcu_tasks_wait_gp: rcu_tasks grace period number [0-9]+ \\(since boot\\) is [0-9]+ jiffies old\\."
shape "S10" "INFO: rcu_tasks detected stalls on tasks:"
shape "S10, task" "(\\(____ptrval____\\)|[0-9a-f]+): [.I][.N] nvcsw: [0-9]+/[0-9]+ holdout: [0-9] idle_cpu: -?[0-9]+/[0-9]+"
shape "S11" "rcu: INFO: rcu_preempt detected stall, but suppressed full report due to a stuck CSD-lock\\."
shape "S12" "Kicking rcu_preempt grace-period kthread"
shape "sysrq-y" "rcu: rcu_preempt: wait state: RCU_GP_WAIT_FQS\\(5\\) ->state: (0x[0-9a-f]+|[A-Z?]) ->rt_priority [0-9]+ delta ->gp_start [0-9]+ ->gp_activity [0-9]+ ->gp_req_activity [0-9]+ ->gp_wake_time [0-9]+ ->gp_wake_seq -?[0-9]+ ->gp_seq -?[0-9]+ ->gp_seq_needed -?[0-9]+ ->gp_max [0-9]+ ->gp_flags 0x[0-9a-f]+"
