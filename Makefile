# Needs Python 3.11 or later, git and make; everything else goes into $(VENV).
# Works with GNU make 3.81 (macOS) and later.

PYTHON ?= python3
VENV ?= .venv
SCENARIO ?= scenarios/longzhong_dialogue.yaml
# Arguments for pytest, as in `make test ARGS="-k spans -x"`.
ARGS ?=
# Worker processes; tests of one xdist_group stay together. `make test JOBS=0` uses none.
JOBS ?= auto
# `make test COVERAGE=1` measures as it goes; `make coverage` shows what was measured.
COVERAGE ?=

BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# Reinstalled when one of these changes.
INPUTS := pyproject.toml constraints.txt m2her_compose/_version.py
# A PYTHON that was asked for is used or refused; the default may be replaced by a newer one.
ifneq ($(filter default undefined file,$(origin PYTHON)),)
PYTHONS := $(PYTHON) python3.13 python3.12 python3.11 python3.14
else
PYTHONS := $(PYTHON)
endif
PYTEST := -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Two installations into one folder must not run at once.
.NOTPARALLEL:

.PHONY: help
help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/.installed  ## Install the program and compile an example
	$(BIN)/m2her compile $(SCENARIO)

.PHONY: setup
setup: $(VENV)/.installed-all  ## Install the program and all tools for working on it

.PHONY: test
test: $(VENV)/.installed-all  ## Run every test
ifeq ($(COVERAGE),)
	$(BIN)/python $(PYTEST)
else
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run $(PYTEST)
	$(BIN)/python -m coverage combine --quiet
endif

.PHONY: coverage
coverage: $(VENV)/.installed-all  ## Show what `make test COVERAGE=1` measured
	$(BIN)/python -m coverage report

.PHONY: lint
lint: $(VENV)/.installed-all  ## Check style, types, layers and derived files
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/derive_schemas.py --check
	$(BIN)/python scripts/generate_docs.py --check

.PHONY: format
format: $(VENV)/.installed-all  ## Format the code and apply safe fixes
	$(BIN)/python -m ruff check --fix-only .
	$(BIN)/python -m ruff format .

.PHONY: check
check: lint test  ## Run lint and test

.PHONY: golden
golden: $(VENV)/.installed-all  ## Rewrite the expected outputs; read the diff afterwards
	$(BIN)/python -m pytest --update-golden $(ARGS)

.PHONY: ci
ci:  ## Run all that has to hold before a change is merged
	.ci/run

.PHONY: clean
clean:  ## Remove everything that can be made again
	rm -rf $(VENV) dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache \
		.mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.created:
	@for python in $(PYTHONS); do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "creating $(VENV) with $$("$$python" --version) ($$python)"; \
			"$$python" -m venv --clear $(VENV) && touch $@; \
			exit; \
		fi; \
	done; \
	echo "m2her needs Python 3.11 or later; tried: $(PYTHONS)" >&2; \
	echo "install one, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; \
	exit 1

$(VENV)/.installed: $(VENV)/.created $(INPUTS)
	$(PIP_INSTALL) -e .
	@touch $@

# Everything covers the program alone, so that `make demo` has nothing left to do.
$(VENV)/.installed-all: $(VENV)/.created $(INPUTS)
	$(PIP_INSTALL) -e '.[all]'
	@touch $(VENV)/.installed $@
