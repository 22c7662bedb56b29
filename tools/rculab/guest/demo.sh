# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The demonstration. Lines for the host to dress up: `## heading`, `$ command`, `=> note`.
#
# In: TIMEOUT (seconds), EXTRA_DELAY (seconds that this kernel adds to any timeout).

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh
cd /sys/kernel/debug || exit

try() {
	echo "\$ $1"
	sh -c "$1"
}

stall() {
	wait_for_high_resolution || exit 1
	mark "begin $1"
	try "echo '$1 secs=$((TIMEOUT + EXTRA_DELAY + 2))' >stall_torture/trigger" || exit 1
	await_idle
	mark_end "$1"
	cat stall_torture/report
}

echo "## Three Rust modules in $(uname -r)"
try 'lsmod'
try 'head -n 5 rcu/rcugp'

echo "## A route table that is replaced under its readers"
try "echo 'readers 2' >rcu_demo/route_table/control"
try "echo 'add 10.0.0.0/8 192.168.0.1' >rcu_demo/route_table/control"
try "echo 'add 10.0.0.0/8 192.168.0.2' >rcu_demo/route_table/control"
try "echo 'add 172.16.0.0/12 192.168.0.3' >rcu_demo/route_table/control"
try 'cat rcu_demo/route_table/routes'
try "echo 'del 10.0.0.0/8 sync' >rcu_demo/route_table/control"
try "echo 'del 172.16.0.0/12 call' >rcu_demo/route_table/control"
try "echo 'readers 0' >rcu_demo/route_table/control"
try 'cat rcu_demo/route_table/stats'
echo "=> Each lookup saw one whole table. One old table was dropped after synchronize_rcu(), the others by call_rcu()."

echo "## A reader that sleeps, in an SRCU domain of its own"
try "echo 'read 300' >rcu_demo/srcu_domain/control & sleep 0.1; echo 'set 7' >rcu_demo/srcu_domain/control; wait"
try 'cat rcu_demo/srcu_domain/setting rcu_demo/srcu_domain/stats'
echo "=> The update waited for the sleeping reader; vanilla grace periods did not."

echo "## A list that changes under its readers"
try "echo 'torture readers=2 updaters=1 secs=1' >rculist/control"
for key in 1 2 3; do
	try "echo 'add $key ${key}00' >rculist/control"
done
try "echo 'del 2' >rculist/control"
try 'cat rculist/entries'
try "until grep -q '^torture_threads 0' rculist/stats; do sleep 0.1; done"
try 'cat rculist/stats'
echo "=> Two threads walked the list while a third and we changed it: what they saw was always alive and true."
try 'head -n 5 rcu/rcugp'
echo "=> Each removal had a grace period to pass before its entry was freed: completed has grown."

if cat rcu_demo/*/stats rculist/stats | grep '^violations' | grep -qv ' 0$'; then
	echo "=> A reader saw what it should never see: the violations above must be 0."
	exit 1
fi

set_knob $stall_timeout "$TIMEOUT" || exit 1

echo "## A stall: a reader that does not leave its critical section"
stall reader

echo "## A stall: an hrtimer that catches up one interval at a time, as TAPRIO's did"
stall hrtimer-storm

echo "## And out again"
try 'rmmod stall_torture rculist rcu_demo; lsmod'
