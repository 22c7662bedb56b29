# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Runs the tests named in TESTS, one after the other, and tells the host where each begins and
# how it ends.

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh
cd /lab/tests || exit

# Twice: the serial console loses a byte now and then, where the host is busy.
mark_twice() {
	mark "$1"
	mark "$1"
}

for test in $TESTS; do
	mark_twice "test $test"
	echo "@begin $test"
	sh "./$test.sh"
	status=$?
	left=$(lsmod | sed '1d; s/ .*//')
	mark_twice "tests are between"
	# shellcheck disable=SC2086 # one line
	echo "@end $status" $left
done

# The kernel itself says how many there are, which fails the boot; this says which.
find_leaks | while read -r line; do mark "$line"; done
