# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# What types cannot stop: the debug kernel reports it as the crate's documentation says, or nothing
# happens. (One report of lockdep is its last in a boot: what else it reports has tests of its own.)
# kernels: debug
# deadline: 60
# expect-bug: BUG: sleeping function called from invalid context
# expect-bug: WARNING: suspicious RCU usage
# expect-bug: WARNING: kernel/rcu/tree_plugin.h:
# expect-bug: BUG: Invalid wait context

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 4
load rcu_proof
control=$debugfs/rcu_proof/control

# reported PITFALL WORDS: falls into it, and the kernel says so.
reported() {
	dmesg -c >/dev/null
	accepted $control "pitfall $1" || return
	dmesg | grep -q "$2" || {
		echo "the kernel did not say '$2'"
		return 1
	}
}

silent() {
	dmesg -c >/dev/null
	accepted $control "pitfall $1" || return
	same "the kernel's words" "$(dmesg | grep -E 'BUG|WARNING')" ""
}

check "dropping what was retired, inside its section" silent retire-in-reader
check "sleeping in a section" reported sleep-in-reader "sleeping function called from invalid context"
check "waiting for readers in a section" reported wait-in-reader \
	"Illegal synchronize_srcu() in same-type SRCU (or in RCU) read-side critical section"
check "an unknown one is refused" refused $control "pitfall none" "Invalid argument" "expected"
