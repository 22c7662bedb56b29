# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Every way to wait for readers waits for them: rounds of a reader and an updater, with delays.
# kernels: lab debug debian tiny
# cpus: 4
# append: kmemleak=off
# deadline: 150

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 8
rounds=10
[ -z "$FULL" ] || rounds=250
# Where one CPU plays all pairs.
[ -z "$FULL" ] || [ "$KERNEL" != tiny ] || rounds=100
ways=73
pairs=8
load rcu_proof
proof=$debugfs/rcu_proof

# Tasks RCU's grace periods take so long that a tenth of the rounds must do.
all_rounds() {
	grep -v '^#' $proof/results | while read -r way played _; do
		case $way in
		tasks/*) wanted=$((pairs * rounds / 10)) ;;
		*) wanted=$((pairs * rounds)) ;;
		esac
		same "rounds of $way" "$played" $wanted
	done
}

sum_of() {
	awk -v column="$1" '!/^#/ { sum += $column } END { print sum }' $proof/results
}

check "$ways ways, $pairs pairs, $rounds rounds each" \
	accepted $proof/control "litmus pairs=$pairs rounds=$rounds"
check "every way was played" same ways "$(grep -vc '^#' $proof/results)" $ways
check "all rounds were played" same "what is missing" "$(all_rounds)" ""
check "in many of them the reader was inside" test $((4 * $(sum_of 3))) -gt "$(sum_of 2)"
check "nobody was told too early that readers are gone" same "early returns" "$(sum_of 4)" 0
check "no reader saw its object go" same "objects that went" "$(sum_of 5)" 0
check "a crowd is refused" refused $proof/control "litmus pairs=65 rounds=1" "Invalid argument" "pairs=1..64"
check "nonsense is refused" refused $proof/control "litmus pairs=0 rounds=1" "Invalid argument" "expected 'litmus"
