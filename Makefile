# `make` lists the targets. Everything runs from a fresh clone: each target does its own set-up.
STORE ?= both
.DEFAULT_GOAL := help
.PHONY: help setup build check test start transcripts bench browser faults sim mutants

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
	  printf '  make %-12s %s\n' "$$name" "$$text"; done

setup: node_modules/.chaperone-setup ## install the packages of package-lock.json

# npm ci empties node_modules first, and goes through a link to do so.
node_modules/.chaperone-setup: package-lock.json
	@test ! -L node_modules || { echo 'setup: node_modules is a symbolic link, and npm ci would empty' \
	  'what it leads to. Remove the link (rm node_modules), then run make again.' >&2; exit 1; }
	@echo '>> setup: npm ci --ignore-scripts' >&2
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
	@touch $@

build: setup ## compile lib/ into dist/, what the package ships
	@echo '>> build: lib/ into dist/' >&2
	@node .ci/build.mjs dist

check: setup ## types, format, lint, layers, tidy, dead code: seconds
	@node .ci/check.mjs

test: setup ## every check and spec, as CI runs them; installs a missing redis-server, chromium or openssl
	@.ci/need redis-server chromium openssl
	@node .ci/test.mjs

start: setup ## run the ledger bot: WhatsApp webhook, web chat, health (settings: README)
	@echo '>> build: sources into .build/' >&2
	@node .ci/build.mjs specs
	@echo '>> start: the ledger bot' >&2
	@exec node .build/examples/ledger/main.js

transcripts: setup ## play the transcripts of DIR=... on STORE=lmdb|redis|both
	@test -n '$(DIR)' || { echo 'make transcripts DIR=<folder of transcripts> [STORE=lmdb|redis|both]' >&2; exit 2; }
	@test '$(STORE)' = lmdb || .ci/need redis-server
	@node .ci/build.mjs specs
	@node .build/examples/ledger/transcripts.js --store '$(STORE)' '$(DIR)'

bench: setup ## benchmarks, as ratios to their floors
	@.ci/need redis-server
	@node .ci/build.mjs specs
	@set -e; for file in .build/bench/*.bench.js; do echo ">> $$file" >&2; node "$$file"; done

browser: setup ## the specs that drive a real browser
	@.ci/need redis-server chromium
	@node .ci/test.mjs browser

faults: setup ## the long and hostile specs that CI is too short for
	@.ci/need redis-server
	@node .ci/test.mjs faults

sim: setup ## simulated lives: SEEDS=n, SEED=s, WITHOUT=fault,..., DROP=message,..., LOG=file, BOT=file, CHECK=log
	@node .ci/build.mjs specs
	@node .build/spec/simulation/main.js --seeds '$(SEEDS)' --seed '$(SEED)' --without '$(WITHOUT)' \
	  --drop '$(DROP)' --log '$(LOG)' --bot '$(BOT)' --check '$(CHECK)'

mutants: setup ## plant bugs into a copy of the protocol and see the simulations find each (MUTANT=name: one)
	@node .ci/build.mjs specs
	@node .build/spec/simulation/hunt.js '$(MUTANT)'
