# SPDX-License-Identifier: GPL-2.0
#
# The user's targets. They only hand over to scripts/; how the modules are
# built stands in Kbuild.

KDIR  ?= /lib/modules/$(shell uname -r)/build
TOOLS ?= root
OUT   := $(CURDIR)/build
CACHE := $(or $(RCU_LAB_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/rcu-lab)

# Options of rculab, from our variables.
series := $(if $(SERIES),--series $(SERIES))
where  := $(if $(K),--kernel $(K)) $(if $(CPUS),--cpus $(CPUS)) $(series)
params := $(P:%=--param %)
check  := scripts/rculab check $(if $(SECS),--torture-secs '$(SECS)')

.PHONY: modules demo check check-full bench stall list shell gp timeline modules_install \
	fmt lint doc rust-analyzer clean distclean help

modules:
ifeq ($(TOOLS),host)
	@scripts/kdir-check '$(KDIR)'
	@$(MAKE) -C '$(KDIR)' M='$(CURDIR)' MO='$(OUT)' modules
else ifeq ($(TOOLS),root)
	@KDIR='$(KDIR)' scripts/enter scripts/modules '$(KDIR)' '$(OUT)'
else
	$(error TOOLS=$(TOOLS): expected root or host)
endif

modules_install:
	@test -f '$(KDIR)/include/config/auto.conf' || scripts/kdir-check '$(KDIR)'
	@grep -qsF "vermagic=$$(cat '$(KDIR)/include/config/kernel.release') " '$(OUT)/rcu_demo.ko' || \
		{ echo 'no modules for this kernel to install yet; run: make KDIR=$(KDIR)' >&2; exit 2; }
	@$(MAKE) -C '$(KDIR)' M='$(CURDIR)' MO='$(OUT)' modules_install

demo:
	@scripts/rculab demo $(where)

check:
	@$(check) $(series) $(if $(T),'$(T)')

check-full:
	@$(check) --full $(series) $(if $(T),'$(T)')

gp:
	@scripts/rculab gp $(where)

timeline:
	@scripts/rculab timeline $(if $(S),--scenario '$(S)') $(where)

# The second half measures the host's tool, beside grep.
bench:
	@scripts/rculab bench $(if $(K),--kernel $(K)) $(series)
	@scripts/enter cargo bench --quiet --locked --manifest-path tools/stalls/Cargo.toml

stall:
	@test -n '$(S)' || { echo 'which scenario? make stall S=reader; all of them: make list' >&2; exit 2; }
	@scripts/rculab stall '$(S)' $(where) $(if $(WARP),--warp) $(params)

list:
	@scripts/rculab list $(where)

shell:
	@scripts/rculab shell $(where)

fmt:
	@scripts/fmt

lint:
	@scripts/lint

doc:
	@scripts/doc

rust-analyzer:
	@scripts/enter scripts/rust-analyzer

clean:
	@scripts/clean

distclean:
	@scripts/clean --cache

help:
	@sed -e 's|@KDIR@|$(KDIR)|' -e 's|@CACHE@|$(CACHE)|' scripts/help.txt
