# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Runs that are aborted, unloaded, raced for, or lose their CPU: they end soon, and put all back.
# kernels: lab debug
# expect-stall: yes
# deadline: 300

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 8
load stall_torture
aborts=20
[ -z "$FULL" ] || aborts=500
writes=40
# On the debug kernel each takes seconds.
[ "$KERNEL" != debug ] || aborts=$((aborts / 4)) writes=10
seed=${SEED-$(new_seed)}
echo "# seed $seed"

# All scenarios but the one that stops this very CPU, which nobody could abort.
catalogue | sed 's/ secs=.*//; /^csd-lock/d' | while read -r request; do
	is_unmet "${request%% *}" || echo "$request"
done >/tmp/requests
requests=$(wc -l </tmp/requests)

# Lines `request, milliseconds`.
awk -v seed="$seed" -v n="$aborts" '
	{ request[NR] = $0 }
	END { srand(seed); while (n-- > 0) print int(rand() * 700), request[1 + int(rand() * NR)] }
' /tmp/requests >/tmp/moments

# ended_early REQUEST: it was aborted, or was over by itself, and all is as before.
ended_early() {
	if ! until_true 20 grep -qx idle $torture/status; then
		cat $torture/status
		return 1
	fi
	case $(report verdict) in
	aborted | "silent as expected" | "as expected") ;;
	*) cat $torture/report; return 1 ;;
	esac
	same "what '$1' left changed" "$(report 'left changed')" nothing
}

abort_at_random() {
	while read -r ms request; do
		accepted $torture/trigger "$request secs=30" || { echo "$request"; return 1; }
		usleep $((ms * 1000))
		accepted $torture/abort 1 || return
		ended_early "$request" || return
	done </tmp/moments
}
check "$aborts aborts at random moments, seed $seed" abort_at_random

unload_while_running() {
	while read -r request; do
		accepted $torture/trigger "$request secs=30" || { echo "$request"; return 1; }
		usleep 200000
		rmmod stall_torture || { echo "$request"; return 1; }
		insmod /lab/modules/stall_torture.ko || return
	done </tmp/requests
}
read -r before _ </proc/uptime
check "rmmod in the middle of each" unload_while_running
read -r after _ </proc/uptime
took=$((${after%.*} - ${before%.*}))
check "it ends them" test $took -lt $((requests * 10))

# Each write is taken or finds another run: nothing else.
writer() {
	for _ in $(seq $writes); do
		write $torture/trigger "$1 secs=30" >>/tmp/written
		echo . >>/tmp/written
		write $torture/abort 1
	done
}
two_writers() {
	writer idle &
	other=$!
	writer reader
	wait $other
	echo 1 >$torture/abort
	until_true 20 grep -qx idle $torture/status || return
	odd=$(grep -v -e '^\.$' -e 'Device or resource busy' /tmp/written | head -n 3)
	same "other answers" "$odd" "" || return
	written=$(grep -c '^\.$' /tmp/written)
	busy=$(grep -c 'busy' /tmp/written)
	[ "$busy" -lt "$written" ] || { echo "$busy of $written writes were refused"; return 1; }
}
check "two writers at once" two_writers

# A reader may be moved with its CPU.
each_offline() {
	for request in reader preempt-off irqs-off tick-off hrtimer-storm softirq-loop idle; do
		is_unmet $request || offline_meanwhile 1 "$request cpu=1 secs=2" || return
	done
}
check "the CPU goes offline in the middle" each_offline
check "the conductor's goes" offline_meanwhile 1 "reader cpu=0 secs=2"

gone_before_it_began() {
	offline_meanwhile 1 "reader cpu=1 secs=1 holdoff=10" || return
	same "the verdict" "$(report verdict)" failed || return
	case $(report error) in
	-19 | "-19 ENODEV") ;;
	*) cat $torture/report; return 1 ;;
	esac
}
check "the CPU has gone when it is to begin" gone_before_it_began

# The last one here, for which the knobs are other ones.
knob_refused() {
	# As rculab's script calls what it remembers.
	before=$(cat $stall_timeout)
	# shellcheck disable=SC2317 # provoke asks it
	knobs_of() {
		echo "$stall_timeout $((before + 1))"
		echo "/proc/sys/kernel/panic_on_rcu_stall 7"
	}
	! provoke idle secs=1 || return
	same "the first knob" "$(cat $stall_timeout)" "$before"
}
check "of two knobs the kernel refuses one: the other is put back" knob_refused
