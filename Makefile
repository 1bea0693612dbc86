# make test    everything CI runs, in its own environment
# make check   formatting, lint, types and import rules
# make demo    two real airport registers and a generated table, end to end
#
# Nothing but make and Python 3.11 or newer is assumed. Environments are built once and
# built anew when pyproject.toml or constraints.txt change.

SHELL := /bin/sh
.DELETE_ON_ERROR:
.PHONY: help test check minimal collected unit demo clean

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c '$(NEW_ENOUGH)' 2>/dev/null && echo "$$python" && break; done)
JOBS ?= 2

TEST := .venv-test
MINIMAL := .venv-minimal
BACKEND := $(MINIMAL)/backend
DEMO := .venv-demo
INPUTS := pyproject.toml constraints.txt
# Bytecode comes when a module is first imported: most of 21 thousand files never are. It is kept
# wherever we run, or each process of the tests compiles numpy, numba and scikit-learn anew.
export PYTHONDONTWRITEBYTECODE :=
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

# What takes one core goes in pairs, and what fails early is said early.
BESIDE := $(MAKE) --no-print-directory -j 2
test:
	@$(BESIDE) $(TEST)/ready minimal
	@$(BESIDE) check collected
	@$(MAKE) --no-print-directory unit

check: $(TEST)/ready
	$(TEST)/bin/ruff check .
	$(TEST)/bin/ruff format --check .
	$(TEST)/bin/lint-imports
	$(TEST)/bin/mypy

# The built package with its core dependencies alone, as a user first meets it.
# What builds it lies beside, seen by the build alone.
minimal: $(BACKEND)
	@rm -rf build/wheel
	@PYTHONPATH=$(BACKEND) $(MINIMAL)/bin/python -m pip wheel --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation --wheel-dir build/wheel .
	@$(MINIMAL)/bin/python $(PIP_INSTALL) --no-deps --force-reinstall build/wheel/*.whl
	$(MINIMAL)/bin/python tests/minimal/check_minimal.py

PYTEST := OMP_NUM_THREADS=1 $(TEST)/bin/python -m pytest --doctest-modules tests src

# All that tests import is imported once, and its bytecode waits for every job.
collected: $(TEST)/ready
	@mkdir -p build
	@$(PYTEST) --collect-only -qq > build/collected || { cat build/collected; exit 1; }

# One thread a job: threads of two jobs that wait for each other made small networks five times slower.
unit: $(TEST)/ready
	$(PYTEST) -n $(JOBS) --dist worksteal --durations 20

demo: $(DEMO)/ready
	$(DEMO)/bin/python examples/link_airports.py --out demo

clean:
	rm -rf $(TEST) $(MINIMAL) $(DEMO) build demo

$(TEST)/ready: $(INPUTS)
	$(call environment,$(TEST))
	@$(TEST)/bin/python $(PIP_INSTALL) --editable '.[test]'
	@touch $@

$(MINIMAL)/ready: $(INPUTS)
	$(call environment,$(MINIMAL))
	@$(MINIMAL)/bin/python $(PIP_INSTALL) .
	@touch $@

$(BACKEND): $(MINIMAL)/ready
	@$(MINIMAL)/bin/python $(PIP_INSTALL) --target $@ hatchling

$(DEMO)/ready: $(INPUTS)
	$(call environment,$(DEMO))
	@$(DEMO)/bin/python $(PIP_INSTALL) --editable '.[demo]'
	@touch $@
