# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What every script here shares: where things are, messages, locks and steps.
# Sourced, never run. Progress goes to stderr; stdout carries a script's answer.

set -euo pipefail

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
CACHE=${RCU_LAB_CACHE:-${XDG_CACHE_HOME:-${HOME:?neither RCU_LAB_CACHE nor HOME is set}/.cache}/rcu-lab}

# shellcheck disable=SC2034 # for whoever sources this
readonly EXIT_USAGE=2 EXIT_NETWORK=20 EXIT_DISK=21 EXIT_SETUP=22

# A cache with less than this many KiB left counts as full.
readonly DISK_FULL_KIB=1024

# What tools say when a disk is full, and when no server can be reached.
readonly DISK_ERRORS='No space left on device|Disk quota exceeded|enough free space in'
readonly NETWORK_ERRORS='Temporary failure resolving|[Cc]ould(n.t| not) (resolve|connect)|Unable to connect|Connection (timed out|failed|refused)|Network is unreachable|Timeout was reached'

# Made once inside the build root; it holds the root's key.
readonly ROOT_MARK=/etc/rcu-lab-root

say() {
	printf 'rcu-lab: %s\n' "$*" >&2
}

# die CODE MESSAGE
die() {
	local code=$1
	shift
	say "$*"
	exit "$code"
}

die_disk() {
	die "$EXIT_DISK" "disk full: no space left in $CACHE: free some (see 'make help' for how much), or set RCU_LAB_CACHE to another disk"
}

disk_is_full() {
	local kib
	kib=$(df --output=avail -k "$CACHE" | tail -n 1) && [ "$kib" -lt "$DISK_FULL_KIB" ]
}

check_paths() {
	local path
	# Kbuild splits paths at spaces and colons.
	case $TOP$CACHE in
	*[[:space:]:]*) die "$EXIT_SETUP" "no space or colon may stand in the path of the repository ($TOP) or the cache ($CACHE)" ;;
	esac
	for path in "$TOP" "$CACHE"; do
		# There the build root has its own files.
		case $path/ in
		/usr/* | /etc/* | /var/lib/*) die "$EXIT_SETUP" "$path lies where the build root has files of its own: choose a place outside /usr, /etc and /var/lib" ;;
		esac
	done
	case $CACHE in
	/*) ;;
	*) die "$EXIT_SETUP" "the cache must be an absolute path, not $CACHE: set RCU_LAB_CACHE" ;;
	esac
}

make_cache() {
	local err
	err=$(mkdir -p "$CACHE"/{root,source,debs,kernels,modules,cargo,target,runs,logs,locks} 2>&1) && return
	if grep -qE "$DISK_ERRORS" <<<"$err"; then
		die_disk
	fi
	die "$EXIT_SETUP" "cannot make the cache: ${err%%$'\n'*}: set RCU_LAB_CACHE to a directory you can write"
}

# lock NAME: wait until no other run works on NAME. A script holds one lock at a
# time, on fd 9; the next lock or the script's end releases it.
lock() {
	exec 9>>"$CACHE/locks/$1"
	flock --nonblock 9 && return
	say "waiting for another run: $1"
	flock 9
}

# step NAME COMMAND...: run COMMAND (a function, too; it gets a subshell) with
# its output in a log; show its name and the time it took.
step() {
	local name=$1 log start=$SECONDS ticker rc
	shift
	log=$CACHE/logs/${name// /-}.log
	: 2>/dev/null >"$log" || die_disk
	printf '  %-24s ...\n' "$name" >&2
	tick "$name" "$log" 9>&- &
	ticker=$!
	# Not in a condition: there `set -e` would mean nothing inside COMMAND.
	set +e
	(
		set -e
		"$@"
	) >"$log" 2>&1
	rc=$?
	set -e
	{ kill "$ticker"; wait "$ticker"; } 2>/dev/null || :
	[ "$rc" = 0 ] || fail "$name" "$log"
	printf '  %-24s %4d s\n' "$name" $((SECONDS - start)) >&2
}

# A sign of life once a minute, as long as the script lives.
tick() {
	local start=$SECONDS
	# A read that nobody answers: a sleep without a child to clean up.
	until read -rt 60 <> <(:) || ! kill -0 $$; do
		printf '  %-24s %4d s so far\n' "$1" $((SECONDS - start)) >&2
	done
}

# fail NAME LOG: say in one line why the step that wrote LOG failed, and exit.
fail() {
	local name=$1 log=$2
	if disk_is_full || grep -qE "$DISK_ERRORS" "$log"; then
		die_disk
	fi
	if grep -qE "$NETWORK_ERRORS" "$log"; then
		die "$EXIT_NETWORK" "no network: '$name' reached no server (log: $log)"
	fi
	die "$EXIT_SETUP" "'$name' failed: $(grep -vE '^[[:space:]]*$|^make' "$log" | tail -n 1) (log: $log)"
}

# key STRING...: a short name for exactly these inputs.
key() {
	printf '%s\n' "$@" | sha256sum | cut -c 1-12
}

# inside_root COMMAND...: go on inside the build root, unless already there.
inside_root() {
	[ -e "$ROOT_MARK" ] || exec "$TOP/scripts/enter" "$@"
}

check_paths
make_cache

# Cargo takes a crate in two clones for one and the same, and so does Kbuild a
# module: each clone has places of its own.
# shellcheck disable=SC2034 # for whoever sources this
TARGET=$CACHE/target/$(key "$TOP") MODULES=$CACHE/modules/$(key "$TOP")
