# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash disable=SC2153 # the words in capitals come from the tool
#
# One list, shared in several ways between so many readers and updaters: a line for each.

bench=/sys/kernel/debug/rcu_bench

for _ in $(seq "$ROUNDS"); do
	for scheme in $SCHEMES; do
		for updaters in $UPDATERS; do
			for readers in $READERS; do
				echo "throughput $scheme $readers $updaters $MS" >$bench/control || {
					cat $bench/last_error
					exit 1
				}
				sed '/^#/d' $bench/throughput
			done
		done
	done
done
