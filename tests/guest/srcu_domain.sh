# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# The SRCU domain: an update waits for the sleeping reader of its domain.
# kernels: debian lab debug lazy rt nohz strict tiny
# deadline: 60

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 8
load rcu_demo
dir=$debugfs/rcu_demo/srcu_domain
control=$dir/control
invalid="Invalid argument"

waits() {
	accepted $control "set 1" || return
	echo 'read 3000' >$control &
	until_true 20 grep -q '^readers 1$' $debugfs/rcu_demo/counters || return
	accepted $control "set 2" || return
	# The reader counts itself before it leaves.
	same "reads when the update was done" "$(value $dir/stats reads)" 1 || return
	wait $!
	[ "$(value $dir/stats last_update_waited_us)" -gt 0 ] || { cat $dir/stats; return 1; }
}

readers_sleep_on() {
	for _ in $(seq 8); do
		echo 'read 300' >$control &
	done
	for i in $(seq 20); do
		accepted $control "set $i" || return
	done
	wait
}

check "an update waits for the reader" waits
check "the setting is the new one" same setting "$(cat $dir/setting)" 2
check "many updates under many readers" readers_sleep_on
check "no reader saw what it must not" same violations "$(value $dir/stats violations)" 0
check "setting no number" refused $control "set x" "$invalid" "set: expected a number"
check "too long a sleep" refused $control "read 99999999" "$invalid" "read: expected milliseconds"
check "unknown command" refused $control "write 1" "$invalid" "expected 'read MS', 'set VALUE' or 'leak'"
check "too long a line" refused $control "set $(printf '%0200d' 0)" "$invalid" "128 bytes"
