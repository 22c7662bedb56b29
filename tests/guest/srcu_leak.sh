# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# A leaked guard of an SRCU domain: unloading waits for ever, rather than free the domain under its
# reader, and everything else goes on. (The debug kernel complains of the leak itself.)
# kernels: debian lab
# leaves: rcu_demo
# deadline: 60

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 4
load rcu_demo rculist
trap - EXIT
demo=$debugfs/rcu_demo

unloading_waits() {
	rmmod rcu_demo &
	# Its state says that it is on its way out, and stays there.
	until_true 20 grep -qx going /sys/module/rcu_demo/initstate || return
	sleep 4
	kill -0 $! 2>/dev/null || { echo "it unloaded"; return 1; }
	same "the module's state" "$(cat /sys/module/rcu_demo/initstate)" going
}

other_domains_go_on() {
	write $debugfs/rculist/control "add 1 1"
	write $debugfs/rculist/control "reclaim sync"
	same "the error" "$(write $debugfs/rculist/control "del 1")" ""
}

check "a guard is leaked" accepted $demo/srcu_domain/control leak
check "readers go on" same setting "$(cat $demo/srcu_domain/setting)" 0
check "unloading waits" unloading_waits
check "grace periods of other domains go on" other_domains_go_on
rmmod rculist
