# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# On a machine that does not say that it is virtual, nothing is stalled unless the module was told to.
# kernels: lab
# append: clearcpuid=hypervisor
# deadline: 60

# shellcheck source=tests/guest/lib.sh
. ./lib.sh
plan 4

no_hypervisor() {
	! grep -q '^flags.* hypervisor' /proc/cpuinfo
}
check "it does not say so" no_hypervisor

load stall_torture
check "a run is refused" refused $torture/trigger "idle secs=1" "Operation not permitted" \
	"this is no virtual machine: load the module with allow_bare_metal=1"
check "nothing ran" same "report" "$(cat $torture/report)" "no run is over yet"
unload_all

allowed() {
	insmod /lab/modules/stall_torture.ko allow_bare_metal=1 || return
	loaded=stall_torture
	as_expected idle secs=1
}
check "it is taken where it was allowed" allowed
