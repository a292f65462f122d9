# whyface: `make` shows what there is. Everything lives in .venv; nothing else on the machine changes.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test slow docs lint types contracts format check bench models clean

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("whyface needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; run: make PYTHON=/path/to/python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

# A stamp of its own for each set of packages, so that a second run starts at once.
$(VENV)/runtime.stamp: pyproject.toml | $(BIN)/python
	@echo "Installing whyface into $(VENV) (several GB because of torch; once) ..."
	$(BIN)/pip install --quiet -e .
	@touch $@

$(VENV)/dev.stamp: pyproject.toml | $(BIN)/python
	@echo "Installing whyface and its development tools into $(VENV) (several GB because of torch; once) ..."
	$(BIN)/pip install --quiet -e '.[dev,postgres]'
	@touch $@ $(VENV)/runtime.stamp

demo: $(VENV)/runtime.stamp ## The survey paper's user study, end to end, with simulated answers, then served
	$(BIN)/whyface demo

test: $(VENV)/dev.stamp ## The tests (browser tests need Chromium, PostgreSQL tests its server; absent ones say so)
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --dist loadgroup

slow: $(VENV)/dev.stamp ## Tests that take a second, longer look: killed servers and clusters, further widths
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --dist loadgroup -m slow

lint: $(VENV)/dev.stamp ## Style (ruff)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev.stamp ## Types (mypy, strict)
	$(BIN)/mypy

contracts: $(VENV)/dev.stamp ## Who may import whom (import-linter)
	$(BIN)/lint-imports

check: lint types contracts test slow ## Everything that must be green

format: $(VENV)/dev.stamp ## Put the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev.stamp ## Ratios against other libraries, measured in one run
	$(BIN)/pytest -m benchmark -s -p no:xdist

docs: $(VENV)/runtime.stamp ## Write the reference pages from the code
	$(BIN)/python tools/make_reference.py

clean: ## Remove the demo's study; the environment stays
	rm -rf demo
