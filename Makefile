# Everything a person types: run, test, check, bench, sandbox, lock. Each target sets up what it needs by itself.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
DECIDING := bot/models/*
# Counting lines doubles the time of a test; these need not, since the others go through the same lines.
UNCOUNTED := tests/simulation tests/integration/process tests/integration/bad_inputs tests/integration/sandbox tests/benchmarks
# How soon the bot answers is measured on a machine that does nothing else.
ALONE := tests/integration/process/test_process_speed.py
STAMPS := $(VENV)/.stamps

# Tests start hundreds of processes: what is compiled once need not be compiled by each.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run sandbox test trial coverage check format bench exchanges lock clean
.DEFAULT_GOAL := help

help:  ## show what can be run
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 10

run: $(STAMPS)/run  ## start the bot; without BOT_TOKEN it runs in a local world and prints the address to open
	@$(BIN)/python scripts/run.py

sandbox: $(STAMPS)/run  ## start the local world with the bot in it, whatever .env says
	@$(BIN)/python -m sandbox

test: check  ## check, then every test but those of the benchmarks
	@$(BIN)/python -m pytest -n 3 --dist worksteal tests --ignore=tests/benchmarks --ignore=$(ALONE)
	@$(BIN)/python -m pytest $(ALONE)

trial: $(STAMPS)/dev  ## the tests of the benchmarks: each is run quickly once
	@$(BIN)/python -m pytest tests/benchmarks

coverage: $(STAMPS)/dev  ## what the tests cover: counting lines doubles their time, so that it is a command of its own
	@$(BIN)/python -m pytest -n 2 tests $(UNCOUNTED:%=--ignore=%) --cov --cov-report=term --cov-fail-under=90
	@$(BIN)/python -m coverage report --include='$(DECIDING)' --fail-under=100 --format=total >/dev/null || \
	  { echo 'The modules that decide must be covered to the last branch:'; \
	    $(BIN)/python -m coverage report --include='$(DECIDING)'; exit 1; }

check: $(STAMPS)/dev  ## format, lint, types, import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(STAMPS)/dev  ## measure everything that docs/performance.md and the README say (about twenty minutes)
	@$(BIN)/python scripts/benchmark_proxy_service.py --plot docs/proxies-per-second.png \
	  --page README.md --page docs/performance.md --also docs/performance.md
	@for what in storage trades dispatch intake start large_sheets cache degradation markets; do \
	  $(BIN)/python scripts/benchmark_$$what.py --page docs/performance.md || exit 1; done

format: $(STAMPS)/dev  ## let the formatter and the linter mend what they can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

exchanges: $(STAMPS)/run  ## install what exchanges other than Bybit need (about 100 MB of memory more in use)
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-exchanges.lock

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Python 3.11 or newer is needed: install it, or name one with "make $(MAKECMDGOALS) PYTHON=python3.12".'; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(STAMPS)/run: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo 'Setting up $(VENV) …'
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: requirements-dev.lock $(STAMPS)/run
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.lock
	@mkdir -p $(STAMPS) && touch $@

# The lock files pin every package with its hashes for every supported Python and system.
UV_LOCK := uv pip compile pyproject.toml - --universal --python-version 3.11 --generate-hashes \
           --no-header --no-emit-index-url --no-annotate --no-strip-extras --quiet
# ccxt names many of its packages by exact versions: it goes first, so that all three fit together.
lock:  ## renew the lock files (needs uv)
	@echo 'setuptools>=80' | $(UV_LOCK) --upgrade --extra exchanges -o requirements-exchanges.lock
	@echo 'setuptools>=80' | $(UV_LOCK) --upgrade -c requirements-exchanges.lock -o requirements.lock
	@echo 'setuptools>=80' | $(UV_LOCK) --upgrade --extra dev -c requirements-exchanges.lock -o requirements-dev.lock

clean:  ## remove what the other targets made (the bot's data stays)
	@rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info .coverage .coverage.*
