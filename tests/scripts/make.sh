#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What make tells its user.

# shellcheck source=tests/scripts/ktap
. "$(dirname "$0")/ktap"

plan 17

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
	! out=$(make --silent --no-print-directory -C "$TOP" "${@:2}" 2>&1) && [[ $out == *"$1"* ]] && return
	printf '# it said:\n%s\n' "$out" | sed 's/^/#   /'
	return 1
}

# in_one_line TEXT ARG...: the same, and says nothing else. (Where it fails is make's own line.)
in_one_line() {
	refuses "$@" && [ "$(make --silent --no-print-directory -C "$TOP" "${@:2}" 2>&1 | grep -vc '^make: ')" = 1 ]
}

in_one_line 'rcu-lab: KDIR=/nonexistent: no such directory' KDIR=/nonexistent
result 'a KDIR that is not there'

in_one_line 'rcu-lab: KDIR=: no such directory' KDIR=
result 'an empty KDIR'

in_one_line 'which scenario? make stall S=reader' stall
result 'a stall of no scenario'

refuses 'TOOLS=mine: expected root or host' TOOLS=mine
result 'unknown tools'

in_one_line 'SERIES=7.9: expected one of: 7.3 7.2' stall S=reader SERIES=7.9 &&
	in_one_line 'SERIES=7.9: expected one of: 7.3 7.2' check SERIES=7.9
result 'a series that there is not'

in_one_line "invalid value 'labb' for '--kernel <KERNEL>'" stall S=reader K=labb &&
	in_one_line '0 is not in 1..=64' list CPUS=0 &&
	in_one_line 'expected KEY=VALUE, such as secs=10' stall S=reader P='secs=5 cpu'
result 'values that are none'

# No word of it is the shell's.
in_one_line "invalid value 'it's' for '--kernel <KERNEL>'" stall S="it's" K="it's" &&
	in_one_line "invalid value ';id' for '--param <KEY=VALUE>'" stall S=reader P=';id' &&
	in_one_line "rcu-lab: KDIR=/it's: no such directory" KDIR="/it's"
result 'values with signs of the shell'

refuses '0 is not in 1..=3600' check T=none SECS=0 && refuses '3601 is not in 1..=3600' check T=none SECS=3601
result 'a torture of no time, or of more than an hour'

in_one_line 'rcu-lab: KDIR=/nonexistent: no such directory' modules_install KDIR=/nonexistent
result 'to install for a KDIR that is not there'

in_one_line 'rcu-lab: KDIR=/etc: not a configured kernel' modules_install KDIR=/etc
result 'to install for a KDIR that is no kernel'

kernel=$("$TOP/scripts/kernel" debian)
modules=$("$TOP/scripts/modules" "$kernel")
in_one_line 'no modules for this kernel to install yet' modules_install KDIR="$kernel/build" OUT="$scratch/nothing"
result 'to install before anything is built'

mkdir -p "$scratch/other/include/config"
echo 'CONFIG_RUST=y' >"$scratch/other/include/config/auto.conf"
echo '1.2.3' >"$scratch/other/include/config/kernel.release"
in_one_line 'no modules for this kernel to install yet' modules_install KDIR="$scratch/other" OUT="$modules"
result 'to install what is for another kernel'

in_one_line 'modules are built below' KDIR="$kernel/build" OUT=/tmp/modules
result 'modules where they would be lost'

# In here the tools of the build root are what a user has.
make --silent -C "$TOP" TOOLS=host KDIR="$kernel/build" OUT="$scratch/host" >&2 &&
	ls "$scratch"/host/{rcu_demo,rculist,stall_torture}.ko >/dev/null
result 'modules built with the tools of the user'

make --silent -C "$TOP" modules_install KDIR="$kernel/build" OUT="$scratch/host" INSTALL_MOD_PATH="$scratch/installed" >&2
ls "$scratch/installed/lib/modules/$(cat "$kernel/release")"/updates/{rcu_demo,rculist,stall_torture}.ko* >/dev/null
result 'to install'

finish
