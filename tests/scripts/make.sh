#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What make tells its user.

# shellcheck source=tests/scripts/ktap
. "$(dirname "$0")/ktap"

plan 7

help=$(make --no-print-directory -C "$TOP" help)
missing=''
for word in $(make -C "$TOP" -pn help | sed -n 's/^\.PHONY: //p'); do
	grep -qE "^  $word\b" <<<"$help" || missing+=" $word"
done
echo "# not in help:$missing"
[ -z "$missing" ]
result 'help lists every target'

missing=''
# shellcheck disable=SC2016 # make's variables, not the shell's
for name in $(grep -oE '\$\(([A-Z]+)\)' "$TOP/Makefile" | tr -d '$()' | sort -u); do
	case $name in
	CURDIR | HOME | MAKE | OUT | CACHE) continue ;;
	esac
	grep -qE "^  $name(=|$)" <<<"$help" || missing+=" $name"
done
echo "# not in help:$missing"
[ -z "$missing" ]
result 'help lists every variable'

# refuses TEXT ARG...: make ARG... fails and says TEXT.
refuses() {
	local out
	! out=$(make --silent --no-print-directory -C "$TOP" "${@:2}" 2>&1) && [[ $out == *"$1"* ]]
}

refuses 'rcu-lab: KDIR=/nonexistent: no such directory' KDIR=/nonexistent
result 'a KDIR that is not there'

refuses 'rcu-lab: KDIR=: no such directory' KDIR=
result 'an empty KDIR'

refuses 'which scenario? make stall S=reader' stall
result 'a stall of no scenario'

refuses 'TOOLS=mine: expected root or host' TOOLS=mine
result 'unknown tools'

refuses '0 is not in 1..=3600' check T=none SECS=0 && refuses '3601 is not in 1..=3600' check T=none SECS=3601
result 'a torture of no time, or of more than an hour'

finish
