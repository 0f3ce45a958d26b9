# The README explains these. Variables: PYTHON (the interpreter of .venv), TORCH_INDEX (a package index that
# holds CPU builds of torch; empty: the one pip is configured for).
PYTHON ?= python3
TORCH_INDEX ?=
# torch stays out of constraints.txt: its CPU and CUDA builds differ, and a +cpu pin exists on one index only.
TORCH := torch==2.13.0

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
SOURCES := src flows models data benchmarks tests
# The demonstration keeps everything it writes in .verbatim, its Prefect database too.
DEMO := PREFECT_HOME=$(CURDIR)/.verbatim/prefect VERBATIM_SECRET=$$(cat .verbatim/secret)

.PHONY: demo test test-all check format lint types imports clean

demo: .venv/installed .verbatim/secret
	@$(DEMO) $(BIN)/verbatim nightly data/sample/survey.toml

test: .venv/installed-tests
	$(BIN)/python -m pytest -m "not slow"

test-all: .venv/installed-tests
	$(BIN)/python -m pytest

check: .venv/installed-tests format lint types imports test

format:
	$(BIN)/ruff format --check $(SOURCES)

lint:
	$(BIN)/ruff check $(SOURCES)

types:
	$(BIN)/mypy

imports:
	$(BIN)/lint-imports

# A throw-away key for the customers' hashes of the sample; kept, so that a second night finds the same hashes.
.verbatim/secret:
	@mkdir -p .verbatim
	@$(PYTHON) -c "import secrets; print(secrets.token_hex(32))" > $@

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(PIP) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) "$(TORCH)"
	$(PIP) --constraint constraints.txt "$(TORCH)" --editable .
	@touch $@

.venv/installed-tests: .venv/installed
	$(PIP) --constraint constraints.txt "$(TORCH)" --editable ".[topics,test,check]"
	@touch $@

clean:
	rm -rf .venv .verbatim
