# `make` alone lists what there is. Everything happens in .venv and in this folder; nothing needs root.

VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
UV := uv==0.13.9
JOBS ?= 2
ARGS ?=
MINUTES ?= 5

# The first Python that is new enough and can make a virtual environment; PYTHON=... names another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo "$$python" && break; done)

define ENSURE_VENV
$(PY) -m pip --version >/dev/null 2>&1 || { \
	test -n "$(PYTHON)" || { echo "Python 3.11 or newer with its venv module is needed: none was found; name one with PYTHON=..." >&2; exit 1; }; \
	"$(PYTHON)" -m venv --clear $(VENV); }
endef

.PHONY: help setup run demo test faults bench check openapi publish conformance wheels lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## create .venv and install what is locked

# uv is many times faster than pip; where it cannot be had, pip installs the same files by the same hashes. Both compile them:
# otherwise each process would, until one is allowed to write what it compiled.
$(STAMP): requirements.lock setup.cfg pyproject.toml
	@echo "Installing the locked dependencies into $(VENV) ..."
	@$(ENSURE_VENV)
	@{ $(PY) -m pip install -q $(UV) && $(PY) -m uv pip sync -q --compile-bytecode --require-hashes --python $(PY) requirements.lock; } \
		|| { echo "uv does not work here; pip does the same and takes longer ..."; \
			$(PY) -m pip install -q --require-hashes -r requirements.lock; }
	@$(PY) -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

# exec: the parent of the supervisor is make itself, and when that is killed the supervisor ends too.
run: $(STAMP) ## start both services and the worker (USERS_PORT=8001 BATCH_PORT=8002 VAR_DIR=var; DATABASE_URL=, BROKER_URL=)
	@exec $(PY) -m local_stack run --follow-pid $$PPID

demo: $(STAMP) ## import 10,000 users and check every result (PLAIN=1: passwords in clear; KEEP=1: stay up)
	@exec $(PY) -m local_stack demo --follow-pid $$PPID

test: $(STAMP) ## run all tests (JOBS=2 at once, ARGS=... for pytest)
	@$(PY) -m pytest -n $(JOBS) --dist loadfile $(ARGS)

faults: $(STAMP) ## kill and break everything, over and over; fail if anything is lost or applied twice (ARGS=--list)
	@$(PY) -m tests.faults $(ARGS)

bench: $(STAMP) ## compare with other ways to send the same items (QUICK=1: within a minute; LONG=1: a million items too)
	@exec $(PY) -m benchmarks --follow-pid $$PPID $(ARGS)

check: $(STAMP) ## lint, format, types, layers, migrations and contract files
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) tools/migrations.py
	$(PY) -m tools.openapi --check
	$(PY) -m tools.contract_gate check

openapi: $(STAMP) ## write the contract files under openapi/
	@$(PY) -m tools.openapi

publish: $(STAMP) ## publish each contract that differs from what was published of it (docs/versioning.md)
	@$(PY) -m tools.contract_gate release

conformance: $(STAMP) ## hold the running services to their contracts for as long as MINUTES=5 says
	@CONFORMANCE_MINUTES=$(MINUTES) $(PY) -m pytest -q tests/contract/test_conformance.py tests/contract/independence $(ARGS)

wheels: $(STAMP) ## build one wheel a service, and one for the client, into dist/
	@$(PY) tools/wheels.py dist

lock: ## lock what setup.cfg asks for, with hashes (ARGS=--upgrade: the newest of everything)
	@$(ENSURE_VENV)
	@$(PY) -m pip install -q $(UV)
	@$(PY) -m uv pip compile -q $(ARGS) --universal --generate-hashes --python-version 3.11 --extra dev setup.cfg \
		-o requirements.lock --no-emit-package rest-batch --custom-compile-command "make lock"

clean: ## remove .venv, caches and what was built; state (var/) stays
	@rm -rf $(VENV) build dist htmlcov .coverage* *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis \
		.schemathesis benchmarks/in_process/*/.venv benchmarks/in_process/*/node_modules
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
