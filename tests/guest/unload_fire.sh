# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Unloading, and a failing init, with ten thousand objects pending: all of them are dropped first.
# cpus: 4
# append: kmemleak=off
# deadline: 120

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 4
rounds=4
[ -z "$FULL" ] || rounds=200
pending=10000

# The module's last words: all that it made was dropped, with three more objects for each chain.
# What kfree_rcu() frees by itself is not in these numbers.
# ledger HOW-MANY
ledger() {
	dmesg | sed -n 's/.*rcu_proof: made \([0-9]*\) dropped \([0-9]*\) .*/\1 \2/p' >/tmp/ledger
	same "the number of times that it said so" "$(wc -l </tmp/ledger)" "$1" || return
	while read -r made dropped; do
		[ "$made" -ge $pending ] || {
			echo "it made $made objects only"
			return 1
		}
		same "the number of drops" "$dropped" "$made" || return
	done </tmp/ledger
}

one_unload() {
	dmesg -c >/dev/null
	insmod /lab/modules/rcu_proof.ko pending=$pending || return
	rmmod rcu_proof || return
	ledger 1
}

# Twice at a time, as insmod does not believe the first failure.
two_failures() {
	dmesg -c >/dev/null
	if insmod /lab/modules/rcu_proof.ko pending=$pending fail=1 2>/dev/null; then
		echo "init did not fail"
		rmmod rcu_proof
		return 1
	fi
	ledger 2
}

# repeat TIMES COMMAND
repeat() {
	for round in $(seq "$1"); do
		"$2" || {
			echo "in round $round"
			return 1
		}
	done
}

check "$rounds times rmmod with $pending objects pending" repeat $rounds one_unload
check "$rounds times a failing init with $pending objects pending" repeat $((rounds / 2)) two_failures
check "nothing is left to unload" same modules "$(lsmod | sed 1d)" ""
check "after them the module loads as ever" one_unload
