# make test    everything CI runs, in its own environment
# make check   formatting, lint, types and import rules
# make demo    two real airport registers and a generated table, end to end
#
# Nothing but make and Python 3.11 or newer is assumed. Environments are built once and
# built anew when pyproject.toml or constraints.txt change.

SHELL := /bin/sh
.DELETE_ON_ERROR:
.PHONY: help test check minimal unit demo clean

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c '$(NEW_ENOUGH)' 2>/dev/null && echo "$$python" && break; done)
JOBS ?= 2

TEST := .venv-test
MINIMAL := .venv-minimal
DEMO := .venv-demo
INPUTS := pyproject.toml constraints.txt
# Bytecode comes when a module is first imported: most of 21 thousand files never are.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --no-compile \
	--constraint constraints.txt

# $(call environment,FOLDER): a new, empty virtual environment.
define environment
	@"$(PYTHON)" -c '$(NEW_ENOUGH)' 2>/dev/null || { \
		echo "sameas needs Python 3.11 or newer, found: $$("$(or $(PYTHON),python3)" --version 2>&1)." >&2; \
		echo "Name a newer one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(1)"
	@rm -rf $(1)
	@"$(PYTHON)" -m venv $(1)
endef

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

test: check minimal unit

check: $(TEST)/ready
	$(TEST)/bin/ruff check .
	$(TEST)/bin/ruff format --check .
	$(TEST)/bin/mypy
	$(TEST)/bin/lint-imports

# The built package with its core dependencies alone, as a user first meets it.
minimal: $(TEST)/ready $(MINIMAL)/ready
	@rm -rf build/wheel
	@$(TEST)/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation --wheel-dir build/wheel .
	@$(MINIMAL)/bin/python $(PIP_INSTALL) --no-deps --force-reinstall build/wheel/*.whl
	$(MINIMAL)/bin/python tests/minimal/check_minimal.py

# One thread a job: threads of two jobs that wait for each other made small networks five times slower.
unit: $(TEST)/ready
	OMP_NUM_THREADS=1 $(TEST)/bin/python -m pytest -n $(JOBS) --dist worksteal --durations 20 --doctest-modules tests src

demo: $(DEMO)/ready
	$(DEMO)/bin/python examples/link_airports.py --out demo

clean:
	rm -rf $(TEST) $(MINIMAL) $(DEMO) build demo

$(TEST)/ready: $(INPUTS)
	$(call environment,$(TEST))
	@$(TEST)/bin/python $(PIP_INSTALL) hatchling --editable '.[test]'
	@touch $@

$(MINIMAL)/ready: $(INPUTS)
	$(call environment,$(MINIMAL))
	@$(MINIMAL)/bin/python $(PIP_INSTALL) .
	@touch $@

$(DEMO)/ready: $(INPUTS)
	$(call environment,$(DEMO))
	@$(DEMO)/bin/python $(PIP_INSTALL) --editable '.[demo]'
	@touch $@
