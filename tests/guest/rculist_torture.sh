# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# The list under torture, while CPUs come and go, memory is short, and allocations fail.
# kernels: lab debug
# deadline: 150

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 4
load rculist
dir=$debugfs/rculist
control=$dir/control
secs=30
[ "$KERNEL" = debug ] || secs=10
[ -z "$FULL" ] || secs=300
secs=${TORTURE_SECS:-$secs}
failing=5
[ -z "$FULL" ] || failing=10

# While the run lasts, someone takes CPU 1 away and gives it back.
hotplug() {
	while grep -q '^torture_threads [1-9]' $dir/stats; do
		echo 0 >/sys/devices/system/cpu/cpu1/online
		sleep 0.3
		echo 1 >/sys/devices/system/cpu/cpu1/online
		sleep 0.3
	done
}

# And someone else takes half of the memory and gives it back.
pressure() {
	while grep -q '^torture_threads [1-9]' $dir/stats; do
		free=$(sed -n 's/^MemFree: *\([0-9]*\) kB/\1/p' /proc/meminfo)
		dd if=/dev/zero of=/tmp/pressure bs=64k count=$((free / 64 / 2)) 2>/dev/null
		rm -f /tmp/pressure
		sleep 0.2
	done
}

# And someone reads the entries: never a torn line, never one out of order.
read_entries() {
	while grep -q '^torture_threads [1-9]' $dir/stats; do
		awk -v last=-1 '
			/^#/ { next }
			NF != 3 || /[^0-9 ]/ || ($1 < 281474976710656 && $2 != $1) || ($1 < 281474976710656 && $1 <= last) {
				print "torn or out of order: " $0
				exit 1
			}
			$1 < 281474976710656 { last = $1; count++ }
			END { if (count != 5000) { print "seen: " count " of 5000"; exit 1 } }
		' $dir/entries || return
	done
}

clean() {
	same "violations" "$(value $dir/stats violations)" 0 || { cat $dir/stats; return 1; }
	[ "$(value $dir/stats reader_passes)" -gt 0 ] || { cat $dir/stats; return 1; }
	until_true 20 grep -q '^pending 0' $dir/stats || return
	same "the number of entries" "$(value $dir/stats entries)" "$1"
}

tortured() {
	accepted $control "torture readers=4 updaters=2 secs=$secs" || return
	hotplug &
	pressure &
	wait
	clean 0 || return
	same "failures" "$(value $dir/stats update_failures)" 0
}
check "$secs s with hotplug and memory pressure" tortured

streamed() {
	accepted $control "fill 5000" || return
	accepted $control "torture readers=1 updaters=2 secs=5" || return
	read_entries || return
	clean 5000 || return
	accepted $control clear
}
check "entries are whole and in order while updaters run" streamed

failslab=$debugfs/failslab

# What fails is refused as a whole; what readers see stays true.
allocations_fail() {
	echo Y >$failslab/task-filter
	echo N >$failslab/ignore-gfp-wait
	echo 0 >$failslab/verbose
	echo -1 >$failslab/times
	echo 20 >$failslab/probability
	accepted $control "torture readers=2 updaters=2 secs=$failing" || return
	# Of the updaters only: this shell and init need their memory. The shell does it by itself, as a
	# command may take as long to start, on a busy machine, as they run.
	for process in /proc/[0-9]*; do
		read -r comm 2>/dev/null <"$process/comm" || continue
		[ "$comm" != rculist_updater ] || echo 1 >"$process/make-it-fail"
	done
	until_true 60 grep -q '^torture_threads 0' $dir/stats
	ended=$?
	echo 0 >$failslab/probability
	[ $ended = 0 ] || return
	clean 0 || return
	[ "$(value $dir/stats update_failures)" -gt 0 ] || {
		echo "no allocation failed"
		return 1
	}
}

# Each allocation of a fill in turn: it is done as a whole, or not at all.
fill_fails() {
	echo Y >$failslab/task-filter
	echo 100 >$failslab/probability
	echo 1 >$failslab/times
	for nth in 1 10 50 99; do
		echo $nth >$failslab/space
		echo 1 >$failslab/times
		error=$(
			echo 1 >/proc/self/make-it-fail
			{ echo "fill 100" >$control; } 2>&1
		)
		case $(value $dir/stats entries) in
		0) case $error in *"Cannot allocate memory") ;; *) echo "'$error'"; return 1 ;; esac ;;
		100) accepted $control clear || return ;;
		*) cat $dir/stats; return 1 ;;
		esac
	done
	echo 0 >$failslab/probability
	clean 0
}

if [ -d $failslab ]; then
	check "$failing s while allocations fail" allocations_fail
	check "a fill that fails leaves nothing" fill_fails
else
	skip "$failing s while allocations fail" "this kernel has no failslab"
	skip "a fill that fails leaves nothing" "this kernel has no failslab"
fi
