# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Grace periods under some load: the files of the counters, once a second.
#
# In: READINGS (how often).

cd /sys/kernel/debug/rcu || exit
echo 1 >enable || exit
# What a kernel without RCU's tracepoints tells; one that has them is not asked, nor is Tiny RCU.
grep -q '^flavour tiny' geometry || echo 1 >ask || exit
while :; do
	echo 'torture readers=1 updaters=1 secs=3' >../rculist/control
	sleep 4
done &
for _ in $(seq "$READINGS"); do
	sleep 1
	for file in rcugp rcuhier stalls; do
		echo "== $file"
		cat $file
	done
	echo "== end"
done
