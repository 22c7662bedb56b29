# SPDX-License-Identifier: GPL-2.0
#
# The user's targets. They only hand over to scripts/; how the modules are
# built stands in Kbuild.

KDIR  ?= /lib/modules/$(shell uname -r)/build
TOOLS ?= root
OUT   := $(CURDIR)/build
CACHE := $(or $(RCU_LAB_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/rcu-lab)

# What somebody typed, as one word of the shell's.
quoted = '$(subst ','\'',$(1))'

# Options of rculab, from our variables.
series := $(if $(SERIES),--series $(call quoted,$(SERIES)))
kernel := $(if $(K),--kernel $(call quoted,$(K)))
where  := $(kernel) $(if $(CPUS),--cpus $(call quoted,$(CPUS))) $(series)
params := $(foreach pair,$(P),--param $(call quoted,$(pair)))
check  := scripts/rculab check $(if $(SECS),--torture-secs $(call quoted,$(SECS)))
filter := $(if $(T),$(call quoted,$(T)))

.PHONY: modules demo check check-full bench stall list shell gp timeline modules_install \
	fmt lint doc rust-analyzer clean distclean help

modules:
ifeq ($(TOOLS),host)
	@scripts/kdir-check $(call quoted,$(KDIR))
	@$(MAKE) -C $(call quoted,$(KDIR)) M='$(CURDIR)' MO=$(call quoted,$(OUT)) modules
else ifeq ($(TOOLS),root)
	@KDIR=$(call quoted,$(KDIR)) scripts/enter scripts/modules $(call quoted,$(KDIR)) $(call quoted,$(OUT))
else
	$(error TOOLS=$(TOOLS): expected root or host)
endif

modules_install:
	@test -f $(call quoted,$(KDIR)/include/config/auto.conf) || scripts/kdir-check $(call quoted,$(KDIR))
	@grep -qsF "vermagic=$$(cat $(call quoted,$(KDIR)/include/config/kernel.release)) " $(call quoted,$(OUT)/rcu_demo.ko) || \
		{ echo $(call quoted,no modules for this kernel to install yet; run: make KDIR=$(KDIR)) >&2; exit 2; }
	@$(MAKE) -C $(call quoted,$(KDIR)) M='$(CURDIR)' MO=$(call quoted,$(OUT)) modules_install

demo:
	@scripts/rculab demo $(where)

check:
	@$(check) $(series) $(filter)

check-full:
	@$(check) --full $(series) $(filter)

gp:
	@scripts/rculab gp $(where)

timeline:
	@scripts/rculab timeline $(if $(S),--scenario $(call quoted,$(S))) $(where)

# The second half measures the host's tool, beside grep.
bench:
	@scripts/rculab bench $(kernel) $(series)
	@scripts/enter cargo bench --quiet --locked --manifest-path tools/stalls/Cargo.toml

stall:
	@test -n $(call quoted,$(S)) || { echo 'which scenario? make stall S=reader; all of them: make list' >&2; exit 2; }
	@scripts/rculab stall $(call quoted,$(S)) $(where) $(if $(WARP),--warp) $(params)

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
	@sed -e $(call quoted,s|@KDIR@|$(KDIR)|) -e $(call quoted,s|@CACHE@|$(CACHE)|) scripts/help.txt
