# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash disable=SC2034 # its variables are for others
#
# What guest tests share: KTAP, modules, control files. Source it first, then `plan` the points.
#
# From the runner: KERNEL (debian, lab or debug), EXTRA_DELAY (seconds that this kernel adds to
# any stall timeout), FULL (not empty for the long runs).

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh

debugfs=/sys/kernel/debug
number=0
loaded=

plan() {
	echo "KTAP version 1"
	echo "1..$1"
}

# point STATUS NAME: a test point, passed if the status is 0.
point() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
	fi
}

# check NAME COMMAND...: passes if the command does; its output tells why it did not.
check() {
	checked=$1
	shift
	"$@" >/tmp/check 2>&1
	passed=$?
	[ $passed = 0 ] || sed 's/^/# /' /tmp/check
	point $passed "$checked"
}

skip() {
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

# same WHAT GOT WANTED
same() {
	[ "$2" = "$3" ] || {
		echo "$1 is '$2', expected '$3'"
		return 1
	}
}

# Loads modules, which are unloaded again when the test ends.
load() {
	for module; do
		insmod "/lab/modules/$module.ko" || exit 1
		loaded="$module $loaded"
	done
}

unload_all() {
	for module in $loaded; do
		rmmod "$module"
	done
	loaded=
}
trap unload_all EXIT

# write FILE LINE: writes the line in one go, and prints the errno's text if that fails.
write() {
	{ echo "$2" >"$1"; } 2>&1 | sed 's/.*: //'
}

# refused FILE LINE ERRNO-TEXT WORDS: the line is refused so, and last_error has these words.
refused() {
	same "the error" "$(write "$1" "$2")" "$3" || return
	last_error=$(cat "${1%/*}/last_error")
	case $last_error in
	*"$4"*) ;;
	*)
		echo "last_error is '$last_error', and should have '$4'"
		return 1
		;;
	esac
}

# accepted FILE LINE: the line is taken, and last_error is empty after it.
accepted() {
	same "the error" "$(write "$1" "$2")" "" || return
	same "last_error" "$(cat "${1%/*}/last_error")" ""
}

# value FILE NAME: the value in a file of lines `name value`.
value() {
	sed -n "s/^$2 //p" "$1"
}

# until_true SECONDS COMMAND...: waits until the command succeeds, for so long.
until_true() {
	tries=$(($1 * 10))
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		if [ $tries -lt 0 ]; then
			echo "not in time: $*"
			return 1
		fi
		sleep 0.1
	done
}

# A field of the stall report's first table.
report() {
	sed -n "s/^$1  *//p" $torture/report | head -n 1
}

# as_expected REQUEST: runs it, and holds the module's account against the kernel's log.
as_expected() {
	dmesg -c >/dev/null
	provoke "$@" || return
	dmesg -c >/tmp/log
	case $(report expected) in
	silence) wanted="silent as expected" ;;
	*) wanted="as expected" ;;
	esac
	if ! same "the verdict on '$*'" "$(report verdict)" "$wanted" ||
		! same "what is left changed" "$(report 'left changed')" nothing; then
		cat $torture/report
		return 1
	fi
	# The kernel's own words, whatever the module heard.
	said=$(grep -c 'INFO: rcu_.* stall' /tmp/log)
	same "the number of reports" "$(report reports)" "$said"
}

# bad REQUEST WORDS: it is refused, and nothing runs or has run.
bad() {
	refused $torture/trigger "$1" "Invalid argument" "$2" || return
	same "status" "$(cat $torture/status)" idle || return
	same "report" "$(cat $torture/report)" "no run is over yet"
}

# is_unmet SCENARIO: this machine lacks what it needs.
is_unmet() {
	awk -v name="$1" '
		/^[a-z-]+ +[0-9]/ { here = $1 == name }
		here && / needs .*: not met$/ { unmet = 1 }
		END { exit !unmet }' $torture/scenarios
}

# check_catalogue: a point for each scenario of the catalogue that this machine can have; what the
# kernel said of all is left in /tmp/said. Load the module and set the timeout first.
check_catalogue() {
	: >/tmp/said
	catalogue >/tmp/catalogue
	while read -r request; do
		if is_unmet "${request%% *}"; then
			skip "$request" "this machine lacks what it needs"
			continue
		fi
		# shellcheck disable=SC2086 # one word a key
		check "$request" as_expected $request
		sed 's/^\[[^]]*\] //' /tmp/log >>/tmp/said
	done </tmp/catalogue
}

# offline_meanwhile CPU REQUEST: the CPU goes as soon as the stall lets it, and all is as before.
offline_meanwhile() {
	online=/sys/devices/system/cpu/cpu$1/online
	accepted $torture/trigger "$2" || return
	usleep 100000
	status=0
	echo 0 >"$online" || status=1
	until_true 20 grep -qx idle $torture/status || status=1
	echo 1 >"$online"
	[ $status = 0 ] || { echo "$2"; return 1; }
	# One line or several: each part of a run has its own.
	same "what '$2' left changed" "$(sed -n 's/^left changed  *//p' $torture/report | sort -u)" nothing
}

# twenty REQUEST: the stall comes in each of twenty runs.
twenty() {
	good=0
	for _ in $(seq 20); do
		as_expected "$@" && good=$((good + 1))
	done
	same "the number of runs with a stall" $good 20
}

# What a fuzzer of a control file generates, as functions for awk: `random_line(VOCABULARY)` makes a
# line of words from the vocabulary, numbers, pairs of these, and rubbish. Call srand(SEED) first,
# and print the seed.
random_lines=$(cat <<'EOF'
function random(n) { return int(rand() * n) }

function random_number(  edges, n) {
	n = split("0 1 -1 +3 007 127 65536 281474976710655 281474976710656 4294967296 " \
		"18446744073709551615 18446744073709551616 99999999999999999999 1e3 0x10", edges, " ")
	return random(4) ? random(40) : edges[1 + random(n)]
}

function random_rubbish(  text, left) {
	for (left = random(random(8) ? 8 : 200); left >= 0; left--)
		text = text sprintf("%c", random(4) ? 33 + random(94) : 128 + random(128))
	return text
}

function random_word(vocabulary,  words, n, kind) {
	n = split(vocabulary, words, " ")
	kind = random(16)
	if (kind < 7) return words[1 + random(n)]
	if (kind < 13) return random_number()
	if (kind < 15) return words[1 + random(n)] "=" random_number()
	return random_rubbish()
}

function random_line(vocabulary,  text, left) {
	for (left = random(random(8) ? 5 : 12); left > 0; left--)
		text = text random_word(vocabulary) (random(9) ? " " : "\t ")
	# Not what `echo` takes as an option; `printf` would not say why a write failed.
	return text ~ /^-[neE]/ ? " " text : text
}
EOF
)

# A seed for a fuzzer, another one each time.
new_seed() {
	hexdump -n 3 -e '1/4 "%u"' /dev/urandom
}

# kmemleak finds nothing.
no_leak() {
	leaks=$(find_leaks) || { echo "there is no kmemleak"; return 1; }
	[ -z "$leaks" ] || { echo "$leaks"; return 1; }
}
