#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every kernel directory that cannot take our modules is told apart in one line.

# shellcheck source=tests/scripts/ktap
. "$(dirname "$0")/ktap"

kdir=$scratch/kdir
check() {
	"$TOP/scripts/kdir-check" "$kdir"
}

plan 8

says 22 'no such directory' check
result 'a missing directory'

mkdir -p "$kdir/include/config"
says 22 'not a configured kernel' check
result 'a tree that was never configured'

echo 'CONFIG_MODULES=y' >"$kdir/include/config/auto.conf"
says 22 'CONFIG_RUST is off' check
result 'a kernel without Rust'

cat >"$kdir/include/config/auto.conf" <<-END
	CONFIG_RUST=y
	CONFIG_RUSTC_VERSION_TEXT=rustc 1.84.0 (9fc6b4312 2025-01-07)
END
says 22 'no Rust metadata' check
result 'headers without metadata'

mkdir "$kdir/rust"
touch "$kdir/rust/libkernel.rmeta"
says 22 "built with 'rustc 1.84.0 (9fc6b4312 2025-01-07)', but here is '$(rustc --version)'" check
result 'a kernel of another rustc'

says 22 "but here is 'no rustc'" env RUSTC="$scratch/rustc" "$TOP/scripts/kdir-check" "$kdir"
result 'no rustc at all'

sed -i "s/^CONFIG_RUSTC.*/CONFIG_RUSTC_VERSION_TEXT=$(rustc --version)/" "$kdir/include/config/auto.conf"
says 22 'no Module.symvers' check
result 'a kernel whose symbols are not known'

touch "$kdir/Module.symvers"
check
result 'a kernel that fits'

finish
