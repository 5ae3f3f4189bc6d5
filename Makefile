# The front door for people. Every target sets the project up first, once.
PYTHON ?= $(shell for p in python3 python3.12 python3.11; do \
  $$p -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null && echo $$p && exit; done; echo python3)
BIN := .venv/bin
WORKERS ?= 2

.PHONY: setup setup-dev demo run test lint fuzz bench lock
setup: .venv/.runs
setup-dev: .venv/.tests

.venv/.runs: requirements.txt
	@test -x $(BIN)/python || { echo "Setting up .venv, once."; $(PYTHON) -m venv .venv; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/.tests: .venv/.runs requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: setup
	@$(BIN)/python app.py demo

run: setup
	@$(BIN)/python app.py run

test: setup-dev lint
	@$(BIN)/python -m pytest -n $(WORKERS)

lint: setup-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

fuzz: setup-dev
	@FUZZ=1 $(BIN)/python -m pytest -m fuzz -n $(WORKERS)

bench: setup-dev
	@$(BIN)/python -m bench

lock: setup-dev
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements-dev.in -o requirements-dev.txt
