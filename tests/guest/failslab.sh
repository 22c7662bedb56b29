# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Each allocation fails in turn, in each module's init and on each path that a write takes: a clean
# error, and the next try does what this one should have. Nothing leaks.
# kernels: debug
# deadline: 300

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 11

# As Documentation/fault-injection/fault-injection.rst has it: allocations that may sleep fail too,
# and the log tells of each one.
cd $debugfs/failslab || exit 1
echo N >ignore-gfp-wait
echo 1 >verbose
echo 0 >verbose_ratelimit_interval_ms
cd - >/dev/null || exit 1

# The most allocations that a path may have; it is an error if there are more.
most=1000

# failing N COMMAND...: runs the command with its N-th allocation failing.
failing() {
	nth=$1
	shift
	dmesg -c >/dev/null
	# shellcheck disable=SC2016 # the inner shell's
	sh -c 'nth=$1; shift; echo $nth >/proc/self/fail-nth && exec "$@"' sh "$nth" "$@" >/dev/null 2>&1
}

injected() {
	dmesg | grep -q 'FAULT_INJECTION: forcing a failure'
}

# failing_write N FILE LINE: writes the line with the N-th allocation failing.
failing_write() {
	dmesg -c >/dev/null
	# shellcheck disable=SC2016 # the inner shell's
	sh -c 'echo $1 >/proc/self/fail-nth; echo "$3" >$2' sh "$1" "$2" "$3" 2>/dev/null
}

# each_write AFTER FILE LINE: the line fails, or is taken, with each allocation failing in turn; the
# same line is taken whenever it failed; AFTER undoes it.
each_write() {
	after=$1
	file=$2
	line=$3
	failures=0
	done=
	for nth in $(seq $most); do
		if failing_write "$nth" "$file" "$line"; then
			injected || done=1
		else
			failures=$((failures + 1))
			same "allocation $nth failed, then" "$(write "$file" "$line")" "" || return
		fi
		$after || return
		[ -z "$done" ] || break
	done
	[ -n "$done" ] || {
		echo "there are more than $most allocations"
		return 1
	}
	[ $failures -gt 0 ] || {
		echo "no allocation of $nth made it fail"
		return 1
	}
}

# Of a module's load the last allocations are its own; the others are the module loader's.
own=8
[ -z "$FULL" ] || own=100

# load_fails N MODULE PARAMETER...: loads and unloads with the N-th allocation failing; whether it
# came so far. (A load that fails is tried a second time by insmod, and then all is well.)
load_fails() {
	nth=$1
	module=$2
	shift 2
	failing "$nth" insmod "/lab/modules/$module.ko" "$@"
	came=1
	if injected; then
		came=0
	fi
	if [ -e "/sys/module/$module" ]; then
		rmmod "$module" || return 2
	fi
	if [ -e "$debugfs/$module" ]; then
		echo "allocation $nth failed, and $module left its files behind"
		return 2
	fi
	return $came
}

# each_load MODULE PARAMETER...: its own allocations fail in turn.
each_load() {
	low=0
	high=$most
	# Whichever fails, there is a last one.
	while [ $((high - low)) -gt 1 ]; do
		middle=$(((low + high) / 2))
		load_fails $middle "$@"
		case $? in
		0) low=$middle ;;
		1) high=$middle ;;
		*) return 1 ;;
		esac
	done
	if [ $low = 0 ] || [ $high = $most ]; then
		echo "no end was found between $low and $high"
		return 1
	fi
	for nth in $(seq $((low > own ? low - own : 1)) $low); do
		load_fails "$nth" "$@"
		[ $? -le 1 ] || return 1
	done
}

nothing() {
	:
}

echo clear >$kmemleak
check "rcu_demo loads" each_load rcu_demo
check "rculist loads" each_load rculist
check "stall_torture loads" each_load stall_torture
check "rcu_proof loads, with objects of each kind" each_load rcu_proof pending=16

load rcu_demo rculist rcu_proof
routes=$debugfs/rcu_demo/route_table/control
list=$debugfs/rculist/control
no_route() {
	accepted $routes "del 10.0.0.0/8 call"
}
no_readers() {
	accepted $routes "readers 0"
}
no_entry() {
	accepted $list "del 1"
}
check "a route is added" each_write no_route $routes "add 10.0.0.0/8 192.168.0.1"
check "readers start" each_write no_readers $routes "readers 2"
check "a setting is made" each_write nothing $debugfs/rcu_demo/srcu_domain/control "set 7"
check "an entry is added" each_write no_entry $list "add 1 100"
check "many entries are" each_write "accepted $list clear" $list "fill 5"
check "the litmus is played" each_write nothing $debugfs/rcu_proof/control "litmus pairs=1 rounds=1"
unload_all
check "kmemleak finds nothing" no_leak
