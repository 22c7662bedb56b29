# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# The kernel's own ways to stall, rcutorture and test_lockup, against ours: the same lines of the
# report, and on the instruction clock the same age of the grace period, within 3 jiffies.
#
# For that all CPUs tick all the time: an idle one that may stop its tick reports a stall only when
# something else has woken it.
# kernels: lab
# cpus: 3
# modules: torture rcu/rcutorture ../lib/test_lockup
# warp: yes
# append: nohz=off
# expect-stall: yes
# deadline: 240

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 6
load stall_torture torture
set_knob $stall_timeout 3
wait_for_high_resolution
# What goes to the console takes time on this clock.
dmesg -n 1

# What the lines of the first report are, without their numbers. Who is stuck with its tick on has
# two jiffies to report itself before another CPU does: either is right.
shape() {
	sed 's/^\[[^]]*\] //' /tmp/log | sed -n '/^rcu: INFO: .* stall/,/t=[0-9]* jiffies/p' |
		sed '/t=[0-9]* jiffies/q' |
		sed -E 's/[0-9]+-([^ ]*): .*/CPU \1/; s/P[0-9]+.*/task/; s/\(.*t=.*/end/
			s/self-detected stall on CPU/detected stalls on CPUs\/tasks:/' |
		grep -v -e hardirqs -e 'number:' -e 'cputime:'
}

# How old the grace period was when the first report began. t= is read some lines later, and each of
# them takes as long as the other CPUs are busy meanwhile. (HZ is 1000.)
age() {
	awk '/rcu: INFO: .* stall/ && !begun { begun = substr($0, 2) + 0 }
		begun && match($0, /t=[0-9]+ jiffies/) {
			age = substr($0, RSTART + 2) + 0
			printf "%.0f\n", age - (substr($0, 2) - begun) * 1000
			exit
		}' /tmp/log
}

# What came of it: its shape, and its age.
heard() {
	dmesg -c >/tmp/log
	shape=$(shape)
	age=$(age)
}

ours() {
	dmesg -c >/dev/null
	provoke "$1" secs=5 cpu=1 || return
	heard
}

# What the others do not: a grace period is in flight, its kthread is off the CPU that is stuck, and
# there is an account.
watched() {
	dmesg -c >/dev/null
	echo "watch secs=13 cpu=1" >$torture/trigger || return
	sleep 1
	"$@" || return
	await_idle
	heard
	same "the verdict" "$(report verdict)" "as expected"
}

test_lockup() {
	# It is told to fail when it is done.
	taskset 2 insmod /lab/modules/test_lockup.ko state=R time_secs=5 "$@" 2>/dev/null
	return 0
}

rcutorture() {
	insmod /lab/modules/rcutorture.ko nreaders=1 nfakewriters=1 stat_interval=0 \
		shuffle_interval=0 stutter=0 fwd_progress=0 read_exit_burst=0 gp_normal=1 \
		stall_cpu=5 stall_cpu_holdoff=4 "$@" || return
	# It goes where the victim of ours is, in the seconds before it begins. The others go where
	# nobody else is: a reader that it preempts would be what the report names, and beside RCU's
	# kthread they would keep that from its work. (Programs take long on this clock.)
	bound=
	for task in /proc/[0-9]*; do
		read -r name <"$task/comm" || continue
		case $name in
		rcu_torture_stall) taskset -p 2 "${task#/proc/}" >/dev/null && bound=yes ;;
		rcu_torture_*) taskset -p 4 "${task#/proc/}" >/dev/null ;;
		esac
	done 2>/dev/null
	sleep 10
	rmmod rcutorture
	[ -n "$bound" ] || { echo "no kthread rcu_torture_stall"; return 1; }
}

# agrees SCENARIO ORACLE [KEY=VALUE...]
agrees() {
	ours "$1" || return
	our_age=$age our_shape=$shape
	shift
	watched "$@" || { cat $torture/report; return 1; }
	echo "# $age jiffies, ours $our_age: $*" >/dev/ttyS1
	same "the shape" "$shape" "$our_shape" || { cat /tmp/log; return 1; }
	if [ -z "$age" ] || [ -z "$our_age" ]; then
		echo "a report without t=: '$age', ours '$our_age'"
		cat /tmp/log
		return 1
	fi
	off=$((age - our_age))
	[ "${off#-}" -le 3 ] || { echo "$age jiffies, ours $our_age"; cat /tmp/log; return 1; }
}

check "preempt-off and test_lockup" agrees preempt-off test_lockup disable_preempt=1
check "irqs-off and test_lockup" agrees irqs-off test_lockup disable_irq=1
check "reader and test_lockup" agrees reader test_lockup lock_rcu=1
check "preempt-off and rcutorture" agrees preempt-off rcutorture
check "irqs-off and rcutorture" agrees irqs-off rcutorture stall_cpu_irqsoff=1
check "reader and rcutorture" agrees reader rcutorture stall_cpu_block=1

dmesg -n 7
set_knob $stall_timeout 21
