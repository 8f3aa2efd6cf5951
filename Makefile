# Builds, tests and installs Aegis. It only calls SwiftPM and the scripts in .ci and Tests.
PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
DATADIR ?= $(PREFIX)/share
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(DATADIR)/man
BASHDIR ?= $(DATADIR)/bash-completion/completions
ZSHDIR ?= $(DATADIR)/zsh/site-functions
FISHDIR ?= $(DATADIR)/fish/vendor_completions.d
DESTDIR ?=
SECONDS ?= 60
FILTER ?=

SWIFT ?= swift
INSTALL ?= install
binary = .build/release/aegisctl
version = $(shell sed -n 's/.*text = "\(.*\)"/\1/p' Sources/Aegis/Version.swift)
OUTPUT ?= .build
pages5 = $(wildcard man/*.5)
pages7 = $(wildcard man/*.7)
pages8 = $(wildcard man/*.8)

.DEFAULT_GOAL := help
.PHONY: help build test test-unit test-kernel test-package test-kubernetes lint generate fuzz bench install uninstall deb image dist version clean

help: ## List the targets.
	@echo "usage: make TARGET [VARIABLE=VALUE]"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | \
	  while IFS='|' read -r target text; do printf '%-15s %s\n' "$$target" "$$text"; done

build: ## Build the release binary, one static file: .build/release/aegisctl.
	$(SWIFT) build -c release --product aegisctl

test: ## Run what CI runs: lint, a minute of fuzzing, all tests. FILTER=NAME runs only some tests.
ifeq ($(FILTER),)
	.ci/test
else
	$(SWIFT) test --no-parallel --filter '$(FILTER)'
endif

test-unit: ## Run the tests of values and output, which need neither root nor the kernel.
	$(SWIFT) test --filter '^(AegisTests|OutputTests)\.'

test-kernel: ## Run the tests that need root: the programs in the kernel, the commands, live traffic.
	$(SWIFT) test --no-parallel --filter '^(KernelTests|CommandTests|LiveTests)\.'

test-package: build ## Build the package, and boot a Debian with it several times in a container, as root.
	Tests/Package/run

test-kubernetes: build ## Build the image, and run the pods of contrib/kubernetes in containers, as root.
	AEGISCTL=$(binary) Tests/Kubernetes/run

lint: ## Check formatting, scripts, manual pages and generated files.
	.ci/lint

generate: ## Write man/ and completions/ from the declarations of the verbs.
	.ci/generate

fuzz: ## Fuzz the datapath in user space for SECONDS (60).
	Tests/Fuzz/run $(SECONDS)

bench: ## Measure the datapath beside other limiters, in two minutes.
	$(SWIFT) build -c release --product aegis-bench
	.build/release/aegis-bench --quick

install: ## Install what is built below DESTDIR and PREFIX (/usr/local).
	@test -x $(binary) || { echo "install: $(binary) is missing: run make build first" >&2; exit 1; }
	$(INSTALL) -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7 \
	  $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(FISHDIR) \
	  $(DESTDIR)$(INCLUDEDIR)
	$(INSTALL) -m 755 $(binary) $(DESTDIR)$(SBINDIR)/aegisctl
	$(INSTALL) -m 644 bpf/aegis-hook.h $(DESTDIR)$(INCLUDEDIR)
	$(INSTALL) -m 644 $(pages5) $(DESTDIR)$(MANDIR)/man5
	$(INSTALL) -m 644 $(pages7) $(DESTDIR)$(MANDIR)/man7
	$(INSTALL) -m 644 $(pages8) $(DESTDIR)$(MANDIR)/man8
	$(INSTALL) -m 644 completions/aegisctl.bash $(DESTDIR)$(BASHDIR)/aegisctl
	$(INSTALL) -m 644 completions/_aegisctl $(DESTDIR)$(ZSHDIR)/_aegisctl
	$(INSTALL) -m 644 completions/aegisctl.fish $(DESTDIR)$(FISHDIR)/aegisctl.fish

uninstall: ## Remove what install has installed.
	rm -f $(DESTDIR)$(SBINDIR)/aegisctl $(DESTDIR)$(BASHDIR)/aegisctl $(DESTDIR)$(ZSHDIR)/_aegisctl \
	  $(DESTDIR)$(FISHDIR)/aegisctl.fish $(DESTDIR)$(INCLUDEDIR)/aegis-hook.h \
	  $(addprefix $(DESTDIR)$(MANDIR)/man5/,$(notdir $(pages5))) \
	  $(addprefix $(DESTDIR)$(MANDIR)/man7/,$(notdir $(pages7))) \
	  $(addprefix $(DESTDIR)$(MANDIR)/man8/,$(notdir $(pages8)))

deb: ## Package what is built for Debian: OUTPUT (.build)/aegis_VERSION_ARCH.deb.
	@test -x $(binary) || { echo "deb: $(binary) is missing: run make build first" >&2; exit 1; }
	@contrib/debian/build '$(OUTPUT)' binary='$(binary)'

image: ## Pack what is built as a container image: OUTPUT (.build)/aegis-VERSION-ARCH.oci.tar.
	@test -x $(binary) || { echo "image: $(binary) is missing: run make build first" >&2; exit 1; }
	@contrib/kubernetes/image '$(OUTPUT)' '$(binary)'

dist: ## Pack the source of the last commit: OUTPUT (.build)/aegis-VERSION.tar.xz.
	@mkdir -p '$(OUTPUT)'
	@git archive --format=tar --prefix=aegis-$(version)/ HEAD | xz -9 >'$(OUTPUT)/aegis-$(version).tar.xz'
	@echo '$(OUTPUT)/aegis-$(version).tar.xz'

version:
	@echo $(version)

clean: ## Remove what was built.
	$(SWIFT) package clean
