# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# The route table: changed while readers run, and what its control file refuses.
# kernels: debian lab debug lazy rt nohz strict tiny
# deadline: 60

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 16
load rcu_demo
dir=$debugfs/rcu_demo/route_table
control=$dir/control
invalid="Invalid argument"

routes() {
	grep -v '^#' $dir/routes
}

check "readers start" accepted $control "readers 4"
check "a route is added" accepted $control "add 10.0.0.0/8 192.168.0.1"
check "it is there" same routes "$(routes)" "10.0.0.0/8 192.168.0.1"
check "it is replaced" accepted $control "add 10.0.0.0/8 192.168.0.2"
check "the new one is there" same routes "$(routes)" "10.0.0.0/8 192.168.0.2"

# change LINE: as `accepted`, without a process.
change() {
	echo "$1" >$control || return
	read -r last_error <$dir/last_error
	same "last_error after '$1'" "$last_error" ""
}
many_changes() {
	for i in $(seq 50); do
		change "add 172.$i.0.0/16 192.168.1.$i" || return
	done
	for i in $(seq 50); do
		reclaim=call
		[ $((i % 10)) != 0 ] || reclaim=sync
		change "del 172.$i.0.0/16 $reclaim" || return
	done
	same routes "$(routes)" "10.0.0.0/8 192.168.0.2"
}
check "a hundred changes under the readers" many_changes
check "the readers looked routes up" test "$(value $dir/stats lookups)" -gt 0
check "no reader saw what it must not" same violations "$(value $dir/stats violations)" 0
check "readers stop" accepted $control "readers 0"

check "no such route" refused $control "del 1.0.0.0/8 sync" "No such file or directory" "no route 1.0.0.0/8"
check "bits behind the prefix" refused $control "add 10.0.0.1/8 1.1.1.1" "$invalid" "expected A.B.C.D/LEN"
check "prefix too long" refused $control "add 10.0.0.0/33 1.1.1.1" "$invalid" "expected A.B.C.D/LEN"
check "bad gateway" refused $control "add 10.0.0.0/8 1.1.1" "$invalid" "expected an IPv4 address"
check "unknown reclaim" refused $control "del 10.0.0.0/8 now" "$invalid" "expected 'sync' or 'call'"
check "too many readers" refused $control "readers 9" "$invalid" "from 0 to 8"
check "too long a line" refused $control "add $(printf '%0200d' 0)" "$invalid" "128 bytes"
