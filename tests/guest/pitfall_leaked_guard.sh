# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A task leaks its guard. Its section ends when the task does, and grace periods go on; that the task
# sleeps on its way out is what the kernel reports.
# Apart from other tests, for lockdep's first report is its last.
# kernels: debug
# cpus: 1
# deadline: 60
# expect-bug: BUG: sleeping function called from invalid context
# expect-bug: BUG: Invalid wait context
# expect-bug: WARNING: kernel/rcu/tree_plugin.h:

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 3
load rcu_proof
control=$debugfs/rcu_proof/control

check "the task ends, and a grace period after it" accepted $control "pitfall leak-guard"
check "the kernel reports the task" sh -c "dmesg | grep -q 'name: rcu_leaker'"
check "the litmus is as ever" accepted $control "litmus pairs=2 rounds=1"
