# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Random lines for trigger, against a model made of what `scenarios` says.
# kernels: lab
# cpus: 3
# warp: yes
# expect-stall: yes
# expect-bug: WARNING: helpers/wrappers.c
# deadline: 300

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 2
lines=2000
[ -z "$FULL" ] || lines=100000
seed=${SEED-$(new_seed)}
echo "# seed $seed"

# What a line that is taken starts is over soon, whichever CPU it is on.
insmod /lab/modules/stall_torture.ko max_secs=1 || exit 1
loaded=stall_torture

# Prints `ERROR:LINE` for each line.
model=$(cat <<'EOF'
# Remembers `key=values` of a scenario, or of all.
function learn(name, text,  at) {
	at = index(text, "=")
	range[name, substr(text, 1, at - 1)] = substr(text, at + 1)
}

function is_value(text, values,  ends, words, n, i) {
	if (values ~ /^[0-9]+-[0-9]+$/) {
		split(values, ends, "-")
		if (text !~ /^[0-9]+$/) return 0
		sub(/^0+/, "", text)
		return length(text) < 9 && text + 0 >= ends[1] + 0 && text + 0 <= ends[2] + 0
	}
	n = split(values, words, "|")
	for (i = 1; i <= n; i++) if (words[i] == text) return 1
	return 0
}

# Of one scenario. Leaves its `name`, `cpu`, `mode`, and whether it is `late` unless it comes first.
function judge_part(line,  words, n, i, at, key, value, where, seen) {
	cpu = mode = ""
	late = 0
	n = split(line, words, /[ \t\f\r]+/)
	while (n && words[n] == "") n--
	i = 1
	while (i <= n && words[i] == "") i++
	if (i > n || !(words[i] in known)) return "EINVAL"
	name = words[i]
	for (i++; i <= n; i++) {
		at = index(words[i], "=")
		key = substr(words[i], 1, at - 1)
		value = substr(words[i], at + 1)
		where = (name, key) in range ? name : "*"
		if (!at || !((where, key) in range) || key in seen) return "EINVAL"
		if (!is_value(value, range[where, key])) return "EINVAL"
		seen[key] = 1
		if (key == "cpu") cpu = value + 0
		if (key == "mode") mode = value
		if (key == "repeat" || key == "holdoff") late = 1
	}
	return ""
}

function judge(line,  parts, n, i, error, lone, taken, unmet_one) {
	if (length(line) + 1 > 128 || line ~ /[\200-\377]/) return "EINVAL"
	n = split(line, parts, / \+ /)
	# An empty line has a part too.
	if (n == 0) n = 1
	for (i = 1; i <= n; i++) {
		if ((error = judge_part(parts[i])) != "") return error
		if (!(name in beside) || mode ~ /^(clock-jump|yielding|fixed)$/) lone = 1
		if (i > 1 && late) return "EINVAL"
		if (cpu != "" && taken[cpu]++) return "EINVAL"
		if (name in unmet) unmet_one = 1
	}
	if (n > 1 && (lone || n >= cpus)) return "EINVAL"
	return unmet_one ? "EOPNOTSUPP" : ""
}

# One that is likely to be taken, of one scenario or of several.
function likely(  text) {
	if (random(3)) return likely_part(names[1 + random(count)])
	text = likely_part(companions[1 + random(company)])
	do text = text " + " likely_part(companions[1 + random(company)])
	while (random(3) == 0)
	return text
}

function likely_part(name,  text, key, parts) {
	text = name
	for (key in range) {
		split(key, parts, SUBSEP)
		if ((parts[1] == name || parts[1] == "*") && random(3) == 0) {
			n = split(range[key], words, random(2) ? "|" : /[-|]/)
			text = text " " parts[2] "=" (random(2) ? random_number() : words[1 + random(n)])
		}
	}
	return text
}

/^every scenario:/ { cpus = substr($3, 7) + 1 }
/^every scenario:/ { for (i = 3; i <= NF; i++) if ($i ~ /=/) learn("*", $i); next }
/^repeat=/ { for (i = 1; i <= NF; i++) if ($i ~ /=/) learn("*", $i); next }
/^[a-z-]+ +[0-9]+ / { name = $1; known[name]; names[++count] = name; next }
/^ +beside others$/ { beside[name]; companions[++company] = name; next }
/^ +needs .*: not met$/ { unmet[name]; next }
/^ +[a-z]+=/ { learn(name, $1) }

END {
	srand(seed)
	for (name in known) vocabulary = vocabulary " " name
	vocabulary = vocabulary " cpu=0 cpu=1 secs=1 secs repeat holdoff mode mode=never preemption=off = +"
	for (made = 0; made < lines; made++) {
		line = random(10) ? random_line(vocabulary) : likely()
		if (line ~ /^-/) line = " " line
		print judge(line) ":" line
	}
}
EOF
)

# tell WHY: what went wrong with the present line.
tell() {
	echo "line $tried, '${line#*:}': $1"
	cat $torture/last_error
	return 1
}

# No programs and no subshells here: a line would take ten times as long.
fuzz() {
	cat $torture/scenarios >/tmp/scenarios
	awk -v seed="$seed" -v lines="$lines" "$random_lines
$model" /tmp/scenarios >/tmp/lines || return
	tried=0
	taken=0
	while IFS= read -r line; do
		tried=$((tried + 1))
		expected=${line%%:*}
		{ echo "${line#*:}" >$torture/trigger; } 2>/tmp/error
		error=
		read -r error </tmp/error
		case "$expected $error" in
		"EINVAL "*"Invalid argument") ;;
		"EOPNOTSUPP "*"Not supported" | "EOPNOTSUPP "*"not supported") ;;
		" ")
			taken=$((taken + 1))
			echo 1 >$torture/abort
			await_idle
			;;
		*) tell "'$error', expected '$expected'" || return ;;
		esac
	done </tmp/lines
	same "the number of lines" $tried "$lines" || return
	[ $taken -gt 0 ] || { echo "no line was taken"; return 1; }
}
check "$lines random lines do what they must, seed $seed" fuzz
check "it still works" as_expected idle secs=1
