#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Documentation/pitfalls.md names tests that exist, and all that end in a pitfall.

# shellcheck source=tests/scripts/ktap
. "$(dirname "$0")/ktap"

plan 2

page=$TOP/Documentation/pitfalls.md
# shellcheck disable=SC2016 # the page's backquotes
named=$(grep -oE '`(ui|guest|kunit)/[a-z_:]+`' "$page" | tr -d '`' | sort -u)

# exists NAME: there is such a test.
exists() {
	local file=${1#*/}
	case $1 in
	ui/*) [ -e "$TOP/tests/$1.rs" ] && [ -e "$TOP/tests/$1.pass.rs" ] ;;
	guest/*) [ -e "$TOP/tests/$1.sh" ] ;;
	kunit/*) grep -q "fn ${file#*::}()" "$TOP/rcu/tests/${file%%::*}.rs" ;;
	esac
}

missing=''
for name in $named; do
	exists "$name" || missing+=" $name"
done
echo "# not there:$missing"
[ -n "$named" ] && [ -z "$missing" ]
result 'the tests that the page names exist'

missing=''
for file in "$TOP"/tests/guest/pitfall*.sh; do
	name=guest/$(basename "$file" .sh)
	grep -qx "$name" <<<"$named" || missing+=" $name"
done
echo "# not on the page:$missing"
[ -z "$missing" ]
result 'the page names every test of a pitfall'
