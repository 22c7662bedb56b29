# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A drop that may run in softirq context takes a lock that others take with softirqs enabled.
# Apart from other tests, for lockdep's first report is its last.
# kernels: debug
# cpus: 3
# deadline: 60
# expect-bug: WARNING: inconsistent lock state

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 2
load rcu_proof

check "the line is taken" accepted $debugfs/rcu_proof/control "pitfall softirq-lock"
check "lockdep reports it" sh -c "dmesg | grep -q 'inconsistent {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W} usage'"
