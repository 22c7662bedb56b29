# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Our counts against the kernel's own trace of the same events, over 1,000 grace periods under load
# while a CPU comes and goes: what we counted within the trace <= what is in the trace <= what we
# counted around it.
# kernels: lab debug
# cpus: 4
# append: kmemleak=off
# deadline: 150

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 23
load rcu_demo
rcu=$debugfs/rcu
tracing=/sys/kernel/tracing
events="rcu_grace_period rcu_fqs rcu_callback rcu_batch_start rcu_batch_end rcu_exp_grace_period rcu_barrier"
mount -t tracefs tracefs $tracing 2>/dev/null

# Everything that is counted, as lines `name value`; a CPU's as `name.cpu value`.
ours() {
	{
		sed -n 's/^ended /end /p; s/^forced_scans /fqsstart /p' $rcu/rcugp
		sed -n 's/^wanted /snap /p; s/^started /start /p; s/^ended /end /p; s/^found_done /done /p
			s/^cpu_selections /select /p' $rcu/rcuexp | sed 's/^/exp_/'
		sed -n 's/^began /Begin /p; s/^shared /EarlyExit /p; s/^started /Inc1 /p; s/^ended /Inc2 /p
			s/^cpus_asked /IRQ /p; s/^cpus_asked_had_none /IRQNQ /p; s/^cpus_skipped /NQ /p' \
			$rcu/rcubarrier | sed 's/^/barrier_/'
		awk '$1 ~ /^[0-9]+$/ {
			print "last_gp_seq." $1, $3
			print "cpuqs." $1, $4; print "dti." $1, $5; print "queued." $1, $6
			print "invoked." $1, $7; print "batches." $1, $8
		}' $rcu/rcudata
	} >"$1"
}

# The same, from the trace.
theirs() {
	awk '
		/^#/ { next }
		{ match($0, /\[[0-9]+\]/); cpu = substr($0, RSTART + 1, RLENGTH - 2) + 0 }
		/ rcu_grace_period: / && ($NF == "end" || $NF == "fqsstart") { n[$NF]++ }
		/ rcu_grace_period: / && $NF == "cpuqs" { n["cpuqs." cpu]++ }
		/ rcu_grace_period: / && $NF ~ /^(cpustart|cpuqs|cpuonl)$/ { n["last_gp_seq." cpu] = $(NF - 1) }
		# The number that the CPU knew, of a grace period that has ended: the state is in two bits.
		/ rcu_grace_period: / && $NF == "cpuend" {
			state = ($(NF - 1) % 4 + 4) % 4
			n["last_gp_seq." cpu] = $(NF - 1) - state + 4
		}
		/ rcu_fqs: / && $NF == "dti" { n["dti." $(NF - 1)]++ }
		/ rcu_callback: / { n["queued." cpu]++ }
		/ rcu_batch_start: / { n["batches." cpu]++ }
		/ rcu_batch_end: / { sub(/.*CBs-invoked=/, ""); n["invoked." cpu] += $1 }
		/ rcu_exp_grace_period: / { n["exp_" $NF]++ }
		/ rcu_barrier: / { sub(/.* rcu_barrier: [^ ]* /, ""); n["barrier_" $1]++ }
		END { for (name in n) print name, n[name] }
	' $tracing/trace >"$1"
}

trace_on() {
	echo 16384 >$tracing/buffer_size_kb
	echo >$tracing/trace
	for event in $events; do
		echo 1 >$tracing/events/rcu/"$event"/enable
	done
	echo 1 >$tracing/tracing_on
}

trace_off() {
	for event in $events; do
		echo 0 >$tracing/events/rcu/"$event"/enable
	done
}

# Grace periods of each kind, and callbacks, while CPU 3 comes and goes; unloading is a barrier.
work() {
	goal=$(($(value $rcu/rcugp completed) + 1000))
	cpu3=0
	while [ "$(value $rcu/rcugp completed)" -lt $goal ]; do
		insmod /lab/modules/rculist.ko
		echo 'torture readers=2 updaters=2 secs=1' >$debugfs/rculist/control
		until grep -q '^torture_threads 0' $debugfs/rculist/stats; do
			echo $cpu3 >/sys/devices/system/cpu/cpu3/online
			cpu3=$((1 - cpu3))
			sleep 0.2
		done
		rmmod rculist
	done
	echo 1 >/sys/devices/system/cpu/cpu3/online
}

# within NAME: this count, and that of each CPU if it is one of those.
within() {
	awk -v name="$1" '
		function wanted(key) { return key == name || index(key, name ".") == 1 }
		# What is no count is compared as it is.
		function base(key, before) { return key ~ /^last_/ ? 0 : before[key] }
		FILENAME == "outer0" { outer0[$1] = $2 }
		FILENAME == "inner0" { inner0[$1] = $2 }
		FILENAME == "inner1" { inner[$1] = $2 - base($1, inner0) }
		FILENAME == "outer1" { outer[$1] = $2 - base($1, outer0) }
		FILENAME == "theirs" { theirs[$1] = $2 }
		END {
			for (key in outer) {
				if (!wanted(key)) continue
				found = 1
				sum += theirs[key]
				if (inner[key] > theirs[key] + 0 || theirs[key] + 0 > outer[key]) {
					print key ": " inner[key] " <= " theirs[key] + 0 " <= " outer[key] " does not hold"
					bad = 1
				}
			}
			if (!found || !sum) { print name " was not counted"; bad = 1 }
			exit bad
		}
	' outer0 inner0 inner1 outer1 theirs
}

cd /tmp || exit
check "it is switched on" write $rcu/enable 1
ours outer0
before=$(value $rcu/rcugp completed)
trace_on
ours inner0
work
ours inner1
trace_off
ours outer1
after=$(value $rcu/rcugp completed)
check "the trace is whole" same "lost entries" \
	"$(cat $tracing/per_cpu/cpu*/stats | sed -n 's/^overrun: //p' | sort -u)" 0
theirs theirs
# Nobody is to dump it after us.
echo >$tracing/trace

at_least_1000() {
	[ $((after - before)) -ge 1000 ] || { echo "only $((after - before)) grace periods"; return 1; }
}
check "there were 1,000 grace periods" at_least_1000
for name in end fqsstart last_gp_seq cpuqs dti queued invoked batches exp_snap exp_start exp_end exp_done \
	exp_select barrier_Begin barrier_Inc1 barrier_Inc2 barrier_IRQ; do
	check "$name" within $name
done

# The callbacks of a CPU by what they wait for, as one of the last events told.
segments() {
	echo >$tracing/trace
	sleep 0.5
	awk '$1 ~ /^[0-9]+$/ { print $1, $9, $10, $11, $12 }' $rcu/rcudata >ours
	awk '
		/ rcu_segcb_stats: / {
			match($0, /\[[0-9]+\]/)
			cpu = substr($0, RSTART + 1, RLENGTH - 2) + 0
			sub(/.* seglen: /, "")
			sub(/ gp_seq: .*/, "")
			gsub(/[^0-9]+/, " ")
			sub(/ $/, "")
			print cpu $0
		}
	' $tracing/trace >theirs
	awk '
		FILENAME == "theirs" { told[$0] = 1; heard[$1] = 1; next }
		$1 in heard { compared++ }
		$1 in heard && !($0 in told) { print; bad = 1 }
		END { exit bad || !compared }
	' theirs ours
}
events=rcu_segcb_stats
trace_on
check "the segments of each list" until_true 20 segments
trace_off
echo >$tracing/trace

# The stream: from where it is whole on, grace periods follow one another, and none is missing.
stream() {
	cat $rcu/events >events || return
	grep -q ' gp-end ' events || { head events; return 1; }
	awk '
		/^# whole from/ { whole = $4 }
		/^#/ || $1 < whole { next }
		$1 < time { print "time goes back: " $0; bad = 1 }
		{ time = $1 }
		$3 == "gp-start" {
			if (number && $4 != number + 4) { print "after " number " comes " $0; bad = 1 }
			number = $4
			count++
		}
		$3 == "gp-end" && number && $4 != number { print "in " number " ends " $0; bad = 1 }
		END {
			if (count < 100) { print "only " count " grace periods"; bad = 1 }
			exit bad
		}
	' events
}
echo 0 >$rcu/enable
check "the stream has each grace period, in order" stream

lost() {
	awk '
		/^# written by/ { kept += $7; lost += $9; if ($7 + 0 > 2048) bad = 1 }
		END {
			if (!kept || !lost) { print "kept " kept ", lost " lost ": some of both were expected"; bad = 1 }
			exit bad
		}
	' events
}
check "overwritten events are counted" lost
