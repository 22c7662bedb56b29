# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# The list: changed by hand and under torture, and what its control file refuses.
# kernels: debian lab debug lazy rt nohz strict tiny
# deadline: 120

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 26
load rculist
dir=$debugfs/rculist
control=$dir/control
invalid="Invalid argument"
secs=1
[ -z "$FULL" ] || secs=30

entries() {
	grep -v '^#' $dir/entries | cut -d ' ' -f 1,2 | sort -n | tr '\n' ',' 
}

# What modinfo shows: busybox's wants files that this guest has not.
described() {
	tr '\0' '\n' </lab/modules/rculist.ko | grep -a '^parm=' >/tmp/parameters
	for name in size readers updaters inject; do
		grep -q "^parm=$name:.*(default [0-9])" /tmp/parameters || {
			echo "modinfo does not describe $name"
			return 1
		}
	done
}
check "modinfo describes the parameters" described

# What a C struct of five words, a list_head and an rcu_head takes.
check "bytes of an entry" same "their number" "$(value $dir/stats bytes_per_entry)" $((9 * 8))

check "an entry is added" accepted $control "add 1 100"
check "another" accepted $control "add 2 200"
check "both are there" same entries "$(entries)" "1 100,2 200,"
check "one is updated" accepted $control "update 1 101"
check "one is removed" accepted $control "del 2"
check "that is what is there" same entries "$(entries)" "1 101,"
check "it is filled up" accepted $control "fill 1000"
check "so many are there" same "their number" "$(value $dir/stats entries)" 1000
check "it is cleared" accepted $control "clear"
check "none is there" same "their number" "$(value $dir/stats entries)" 0

watched() {
	accepted $control "fill 8" || return
	accepted $control "walk 500" || return
	refused $control "walk 500" "Device or resource busy" "one is under way" || return
	until_true 10 grep -q "reader at" $dir/trace || return
	accepted $control "splice" || return
	until_true 30 grep -q "reader ends" $dir/trace || return
	same "the entries seen" "$(grep -c "reader at" $dir/trace)" 8 || return
	until_true 10 accepted $control "walk 1"
}
check "a walk sees what is spliced away" watched
check "what was spliced is there" same "their number" "$(grep -vc "^#" $dir/entries)" 8
accepted $control clear

torture() {
	accepted $control "reclaim $1" || return
	accepted $control "torture readers=2 updaters=2 secs=$secs" || return
	until_true $((secs + 10)) grep -q '^torture_threads 0' $dir/stats || return
	for name in violations update_failures; do
		same "$name" "$(value $dir/stats $name)" 0 || return
	done
	[ "$(value $dir/stats reader_passes)" -gt 0 ] || { cat $dir/stats; return 1; }
	until_true 10 grep -q '^pending 0' $dir/stats
}
for reclaim in sync call poll expedited; do
	check "torture with reclaim $reclaim" torture $reclaim
done

check "two lines at once" refused $control "add 7 1
add 8 1" "$invalid" "one line"
accepted $control "add 7 1"
check "add of a key that is there" refused $control "add 7 2" "File exists" "key 7"
check "update of a key that is not" refused $control "update 8 1" "No such file or directory" "key 8"
check "removal of a key that is not" refused $control "del 8" "No such file or directory" "key 8"
check "key no number" refused $control "add x 1" "$invalid" "KEY 'x'"
check "fill too large" refused $control "fill 99999999" "$invalid" "fill: '99999999'"
check "unknown reclaim" refused $control "reclaim now" "$invalid" "reclaim 'now'"
check "unknown command" refused $control "sort" "$invalid" "expected 'add KEY VALUE'"
