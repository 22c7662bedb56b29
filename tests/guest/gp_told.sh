# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# What the kernel tells when it is asked, on one without RCU's tracepoints: a tree with levels, a
# grace period that one CPU holds up, and a CPU whose callbacks are offloaded.
# kernels: debian
# cpus: 4
# append: rcutree.rcu_fanout_leaf=2 rcu_nocbs=1
# deadline: 60
# expect-stall: yes

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 12
load rcu_demo stall_torture
rcu=$debugfs/rcu
cd /tmp || exit

# column NUMBER FILE: of the rows of its table.
column() {
	awk -v number="$1" '$number ~ /^(-|0x|[0-9])/ && !/^#/ { print $number }' $rcu/"$2" | xargs
}

unknown() {
	same "the age" "$(value $rcu/rcugp age_ms)" - || return
	same "who owes" "$(column 6 rcuhier)" - || return
	same "whose are offloaded" "$(column 16 rcudata)" "- - - -" || return
	for file in rcugp rcuhier rcudata; do
		grep -q '^# .*echo 1 >ask$' $rcu/$file || { cat $rcu/$file; return 1; }
	done
}
check "nobody is asked at first" same ask "$(cat $rcu/ask)" 0
check "and what nobody tells is unknown" unknown
check "ask takes no 2" refused $rcu/ask 2 "Invalid argument" "ask: expected 0 or 1, not '2'"
check "it is switched on" accepted $rcu/ask 1

offloaded() {
	same "whose are offloaded" "$(awk '$1 ~ /^[0-9]/ { print $16 }' $rcu/rcudata | xargs)" "no yes no no" \
		|| { cat $rcu/rcudata; return 1; }
	# Nothing is in the bypass list of a CPU that has none.
	same "what is lazy at most" "$(awk '$1 ~ /^[0-9]/ && $1 != 1 { print $13 }' $rcu/rcudata | xargs)" "0 0 0"
}
check "whose callbacks are offloaded" offloaded

set_knob $stall_timeout 3
wait_for_high_resolution
dmesg -c >/dev/null
# For as long as the questions take.
echo "irqs-off cpu=2 secs=60" >$torture/trigger
stalled() {
	dmesg | grep -q '(detected by '
}
check "a CPU stalls" until_true 15 stalled
# The grace period has the kernel's number, and waits for the node of the CPU, at each level.
tree() {
	cat $rcu/rcuhier >tree
	gp_seq=$(dmesg | sed -n 's/.*(detected by .* g=\(-*[0-9]*\),.*/\1/p' | tail -n 1)
	awk '/^ +-/ && $6 != "0x0" { print $2, $3, $4, $6, $8 }' tree >nodes
	same "the nodes" "$(cat nodes)" "0 3 $gp_seq 0x2 0-3
2 3 $gp_seq 0x1 2-3" || { cat tree; return 1; }
	grep -q '^ .*   2-3$' tree
}
check "which nodes wait, and for whom" tree
age() {
	age=$(value $rcu/rcugp age_ms)
	[ "${age%.*}" -ge 3000 ] || { cat $rcu/rcugp; return 1; }
}
check "how old the grace period is" age
echo 1 >$torture/abort
await_idle
longest() {
	longest=$(value $rcu/rcugp longest_ms)
	[ "${longest%.*}" -ge "${age%.*}" ] || { cat $rcu/rcugp; return 1; }
}
check "how long the longest was" until_true 20 longest

# The kernel's log has each answer, and a reader in pieces gets one answer.
once() {
	dmesg -c >/dev/null
	dd if=$rcu/rcuhier of=/dev/null bs=1 2>/dev/null
	same "answers" "$(dmesg | grep -c 'RCU callbacks invoked since boot')" 1
}
check "each opening is one answer" once
crowd() {
	for _ in 1 2 3 4 5 6 7 8; do
		for _ in 1 2 3 4 5; do
			cat $rcu/rcugp $rcu/rcuhier $rcu/rcudata
		done >/dev/null &
	done
	for _ in 1 2 3 4 5; do
		echo 0 >$rcu/ask
		echo 1 >$rcu/ask
	done
	wait
	offloaded
}
check "eight ask while it is switched" crowd
check "it is switched off" accepted $rcu/ask 0
