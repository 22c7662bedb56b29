# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Random lines for the list's control file, against a model of what each must do.
# deadline: 200

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 2
load rculist
dir=$debugfs/rculist
lines=2000
[ -z "$FULL" ] || lines=100000
# Where a line takes ten times as long.
[ -z "$FULL" ] || [ "$KERNEL" != debug ] || lines=20000
seed=${SEED-$(new_seed)}
echo "# seed $seed"

# Prints `ERROR:LINE` for each line, and now and then `=` with each entry that must be there.
# A torture run takes time, so that no line that would start one is made.
model=$(cat <<'EOF'
function is_number(text, max) {
	if (text !~ /^[+]?[0-9]+$/) return 0
	text = plain(text)
	return length(text) < length(max) || (length(text) == length(max) && text "" <= max "")
}

function plain(text) {
	sub(/^[+]/, "", text)
	sub(/^0+/, "", text)
	return text == "" ? "0" : text
}

function is_key(text) { return is_number(text, "281474976710655") }

function is_value(text) { return is_number(text, "18446744073709551615") }

function torture(words, n,  i, name, text) {
	if (n > 5) return "EINVAL"
	for (i = 2; i <= n; i++) {
		if (index(words[i], "=") == 0) return "EINVAL"
		name = substr(words[i], 1, index(words[i], "=") - 1)
		text = substr(words[i], index(words[i], "=") + 1)
		if (name == "inject")
			return text ~ /^(early-free|missing-barrier|double-remove)$/ ? "EPERM" : "EINVAL"
		if (name !~ /^(readers|updaters|secs)$/) return "EINVAL"
		if (!is_number(text, name == "secs" ? "3600" : "16")) return "EINVAL"
		if (name == "secs" && plain(text) == "0") return "EINVAL"
	}
	return "SKIP"
}

function fill(count,  key, max) {
	max = -1
	for (key in value) if (key + 0 > max) max = key + 0
	if (count - entries > 281474976710655 - max) return "ENOSPC"
	while (entries < count) {
		max++
		value[sprintf("%.0f", max)] = sprintf("%.0f", max)
		entries++
	}
	return ""
}

function execute(line,  words, n) {
	if (length(line) + 1 > 128) return "EINVAL"
	gsub(/\t/, " ", line)
	n = split(line, words, " ")
	if (words[1] == "add" && n == 3 && is_key(words[2]) && is_value(words[3])) {
		if (plain(words[2]) in value) return "EEXIST"
		value[plain(words[2])] = plain(words[3])
		entries++
		return ""
	}
	if (words[1] == "update" && n == 3 && is_key(words[2]) && is_value(words[3])) {
		if (!(plain(words[2]) in value)) return "ENOENT"
		value[plain(words[2])] = plain(words[3])
		return ""
	}
	if (words[1] == "del" && n == 2 && is_key(words[2])) {
		if (!(plain(words[2]) in value)) return "ENOENT"
		delete value[plain(words[2])]
		entries--
		return ""
	}
	if (words[1] == "clear" && n == 1) {
		split("", value)
		entries = 0
		return ""
	}
	if (words[1] == "fill" && n == 2 && is_number(words[2], "100000"))
		return plain(words[2]) + 0 > 200 ? "SKIP" : fill(plain(words[2]) + 0)
	if (words[1] == "reclaim" && n == 2 && words[2] ~ /^(sync|call|poll|expedited)$/) return ""
	if (words[1] == "splice" && n == 1) return ""
	if (words[1] == "walk" && n == 2 && is_number(words[2], "500") && plain(words[2]) != "0")
		return "SKIP"
	if (words[1] == "torture") return torture(words, n)
	return "EINVAL"
}

function show(  key) {
	for (key in value) print "=" key " " value[key]
	print "=."
}

BEGIN {
	srand(seed)
	while (made < lines) {
		line = random_line("add add add update update del del clear fill splice walk reclaim sync call poll " \
			"expedited torture readers updaters secs inject early-free 1 2 3")
		error = execute(line)
		if (error == "SKIP") continue
		print error ":" line
		if (++made % 100 == 0 || made == lines) show()
	}
}
EOF
)

# The errno that a message of the shell tells goes to `error`.
errno() {
	case $1 in
	"") error= ;;
	*"Invalid argument") error=EINVAL ;;
	*"File exists") error=EEXIST ;;
	*"No such file or directory") error=ENOENT ;;
	*"No space left on device") error=ENOSPC ;;
	*"Operation not permitted") error=EPERM ;;
	*) error=$1 ;;
	esac
}

# try ERROR LINE. It starts no process: that takes longer than all the rest.
try() {
	message=
	{ echo "$2" >$dir/control; } 2>/tmp/error || read -r message </tmp/error
	errno "$message"
	last_error=
	# Of this, which is read a byte at a time, one says enough.
	# shellcheck disable=SC3045 # busybox's shell has it
	read -r -n 1 last_error <$dir/last_error
	if [ "$error" != "$1" ] ||
		{ [ -n "$error" ] && [ -z "$last_error" ]; } ||
		{ [ -z "$error" ] && [ -n "$last_error" ]; }; then
		echo "line $tried, '$2': '$error', expected '$1'; last_error: '$last_error'"
		return 1
	fi
}

compare() {
	sort /tmp/expected >/tmp/sorted
	grep -v '^#' $dir/entries | cut -d ' ' -f 1,2 | sort | cmp - /tmp/sorted || {
		echo "after line $tried the entries are others than these:"
		head /tmp/sorted
		return 1
	}
	: >/tmp/expected
}

fuzz() {
	awk -v seed="$seed" -v lines="$lines" "$random_lines
$model" >/tmp/lines || return
	: >/tmp/expected
	tried=0
	while IFS= read -r line; do
		case $line in
		"=.") compare || return ;;
		"="*) echo "${line#=}" >>/tmp/expected ;;
		*)
			tried=$((tried + 1))
			try "${line%%:*}" "${line#*:}" || return
			;;
		esac
	done </tmp/lines
	same "the number of lines" $tried "$lines"
}
check "$lines random lines do what they must, seed $seed" fuzz

nothing_is_left() {
	accepted $dir/control "clear" || return
	until_true 20 grep -q '^pending 0$' $dir/stats
}
check "nothing is left behind" nothing_is_left
