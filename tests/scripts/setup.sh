#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Bad input and bad luck while the lab is set up: each has its exit code and its
# line, and no half-made thing is trusted.

# shellcheck source=tests/scripts/ktap
. "$(dirname "$0")/ktap"

cache=$scratch/cache
lab() {
	RCU_LAB_CACHE=$cache "$TOP/scripts/$1" "${@:2}"
}

# shellcheck disable=SC2317 # run by says
# Without any network but loopback.
offline() {
	RCU_LAB_CACHE=$cache bwrap --dev-bind / / --unshare-net "$@"
}

# shellcheck disable=SC2317 # run by says
# With a cache of 4 MiB that knows the kernel packages already.
tiny() {
	mkdir -p "$cache"
	bwrap --dev-bind / / --size $((4 << 20)) --tmpfs "$cache" \
		--symlink "$RCU_LAB_CACHE/debs" "$cache/debs" --setenv RCU_LAB_CACHE "$cache" "$@"
}

# eventually COMMAND...: true within 30 s.
eventually() {
	local i
	for ((i = 0; i < 300; i++)); do
		"$@" && return
		sleep 0.1
	done
	return 1
}

plan 14

says 2 "expected one of: debian debug lab " lab kernel stock
result 'an unknown flavour'

SERIES=6.1 says 2 'SERIES=6.1: expected one of: 7.3 7.2' lab kernel debian
result 'an unknown series'

mkdir -p "$scratch/a b"
cp -r "$TOP/scripts" "$scratch/a b/"
says 22 'no space or colon' "$scratch/a b/scripts/kernel" debian
result 'a repository with a space in its path'

RCU_LAB_CACHE=here says 22 'must be an absolute path' "$TOP/scripts/kernel" debian
result 'a relative cache'

RCU_LAB_CACHE=/usr/cache says 22 'choose a place outside /usr' "$TOP/scripts/kernel" debian
result 'a cache where the build root has its own files'

RCU_LAB_CACHE=/proc/cache says 22 'cannot make the cache' "$TOP/scripts/kernel" debian
result 'a cache that cannot be made'

says 20 "no network: 'package lists' reached no server (log: $cache/logs/package-lists.log)" \
	offline "$TOP/scripts/kernel" debian
result 'no network for the kernel packages'

# The build root is a host without uidmap; only root gets along without it, and installs what is missing.
says 22 'the host lacks uidmap; run: sudo apt-get install uidmap' \
	env RCU_LAB_CACHE="$cache" bwrap --dev-bind / / --unshare-user --uid 1000 --gid 1000 "$TOP/scripts/root"
result 'a host tool that is missing'

if [ "$(id -u)" = 0 ]; then
	says 20 "no network: 'build root' reached no server (log: $cache/logs/build-root.log)" \
		offline "$TOP/scripts/root"
	result 'no network for the build root'
else
	# mmdebstrap's unshare mode needs newuidmap, which is powerless in here.
	: && result 'no network for the build root # SKIP only as root'
fi

says 21 "disk full: no space left in $cache" tiny "$TOP/scripts/kernel" debian
result 'a full disk'

# A kernel source that a kill cut short is unpacked anew.
rm -rf "$cache"
mkdir -p "$cache"
ln -s "$RCU_LAB_CACHE/debs" "$cache/debs"
version=$(cat "$RCU_LAB_CACHE/debs/$(cat "$RCU_LAB_CACHE/debs/default")/version")
source=$cache/source/$version
setsid env RCU_LAB_CACHE="$cache" "$TOP/scripts/kernel" debian >/dev/null 2>&1 &
eventually test -e "$source.partial/Makefile"
kill -KILL -- -$!
wait $! 2>/dev/null
[ ! -e "$source" ] && [ -e "$source.partial" ]
result 'an interrupted unpacking leaves nothing that looks whole'

setsid env RCU_LAB_CACHE="$cache" "$TOP/scripts/kernel" debian >/dev/null 2>&1 &
eventually test -e "$source"
kill -KILL -- -$!
wait $! 2>/dev/null
[ ! -e "$source.partial" ] && diff <(cd "$source" && ls) <(cd "$RCU_LAB_CACHE/source/$version" && ls)
result 'the next run unpacks it whole'

# Modules: a killed build is built again; two runs at once make one build.
kernel=$("$TOP/scripts/kernel" debian)
out=$cache/modules/$(basename "$CARGO_TARGET_DIR")/$(basename "$kernel")
setsid env RCU_LAB_CACHE="$cache" "$TOP/scripts/modules" "$kernel" >/dev/null 2>&1 &
eventually test -e "$out/rcu/.rcu.o.d"
kill -KILL -- -$!
wait $! 2>/dev/null
[ ! -e "$out/.whole" ]
result 'an interrupted module build is not taken for whole'

lab modules "$kernel" >"$scratch/first" 2>&1 &
lab modules "$kernel" >"$scratch/second" 2>&1 &
wait
[ "$(cat "$scratch/first" "$scratch/second" | grep -c '^rcu-lab: waiting for another run')" = 1 ] &&
	[ "$(cat "$scratch/first" "$scratch/second" | grep -cE '^  modules .* s$')" = 1 ] &&
	[ "$(tail -qn 1 "$scratch/first" "$scratch/second" | uniq -c | xargs)" = "2 $out" ] &&
	ls "$out"/{rcu_demo,rculist,stall_torture}.ko >/dev/null
result 'two runs at once wait for each other and build once'

# distclean takes what the lab made and nothing else.
mkdir -p "$scratch/repo"
cp -r "$TOP/scripts" "$scratch/repo/"
echo mine >"$cache/mine"
rm "$cache/debs"
RCU_LAB_CACHE=$cache "$scratch/repo/scripts/clean" --cache >"$scratch/said" &&
	grep -q 'total$' "$scratch/said" && [ "$(ls "$cache")" = mine ]
result 'distclean says how much goes and spares what is not ours'

finish
