# Steppewatch: the commands a person types. `make help` lists them.
# Needs Python 3.11 or newer and, for `web` alone, Node.js.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8471
SCENARIO ?= examples/mountain-valley.toml
export NUMBA_NUM_THREADS ?= 2
# A ministry has its own certificates: trust what the system trusts.
export UV_SYSTEM_CERTS ?= 1

.PHONY: help demo test nightly bench lint format web docs lock clean journey

help: ## list these commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/uv: requirements/tools.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Steppewatch needs Python 3.11 or newer, this is " + sys.version.split()[0] + ": set PYTHON=/path/to/a/newer/python3")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.lock
	@touch $@

$(VENV)/.runtime: $(BIN)/uv requirements/runtime.lock pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/runtime.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.lock
	@touch $@

demo: $(VENV)/.runtime ## install what is missing, then show a live rehearsed border (PORT=8471)
	$(BIN)/steppewatch rehearse $(SCENARIO) --port $(PORT)

test: $(VENV)/.dev ## install what is missing, then run the fast tests
	$(BIN)/python -m pytest -n auto -m "not nightly and not browser" $(PYTEST_ARGS)

journey: $(VENV)/.dev ## drive the picture in a real Chromium
	$(BIN)/python -m pytest -m browser $(PYTEST_ARGS)

nightly: $(VENV)/.dev ## the slow and large checks, and the kernels as plain Python
	$(BIN)/python -m pytest -n auto -m nightly $(PYTEST_ARGS)
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -n auto -m "not nightly and not browser" \
	  tests/world tests/sense tests/fuse tests/wire tests/plan tests/command

bench: $(VENV)/.dev ## measure, and write the figures into docs/benchmarks.md
	$(BIN)/python -m benchmarks

lint: $(VENV)/.dev ## style, types, import walls
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## let ruff lay out the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

web: ## build the front end into src/steppewatch/web/static (needs Node.js)
	cd frontend && npm ci && npm run build

docs: $(VENV)/.dev ## build the documentation into site/
	$(BIN)/zensical build --clean

lock: $(BIN)/uv ## renew the locks
	cd requirements && ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header ../pyproject.toml -o runtime.lock
	cd requirements && ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group ../pyproject.toml:dev -c runtime.lock -o dev.lock
	cd requirements && echo uv | ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header - -o tools.lock

clean: ## remove what was built and installed here
	rm -rf $(VENV) dist build site .mypy_cache .ruff_cache
