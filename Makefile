# Everything a newcomer needs: `make demo` and `make test` set themselves up.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ROOMS := models ingest classify amends

.PHONY: help demo test lint fix bench semantic trust planted build docs constraints

help:                 ## this list
	@grep -E '^[a-z]+: .*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): constraints.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $(READY)

demo: $(READY)        ## play the recorded incident in a home of its own
	@rm -rf .demo && $(BIN)/amends --home .demo demo

# Programs that tests start by the hundred are compiled once, whatever the machine says of that.
test: $(READY)        ## all tests; REQUIRE_ALL=1 lets nothing be left out, DATABASE=postgresql puts all there
	PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 REQUIRE_ALL=$(REQUIRE_ALL) TESTS_ON=$(DATABASE) $(BIN)/python -m pytest -q -n 3 --dist loadscope $(ARGS)

lint: $(READY)        ## style, types, layers, generated documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cog --check -P README.md

fix: $(READY)         ## mend style, and write the generated documents anew
	$(BIN)/ruff check --fix-only -q .
	$(BIN)/ruff format -q .
	$(BIN)/cog -r -P README.md

bench: $(READY)       ## measure here, writes BENCHMARKS.md; EVAL=FILE to judge on, BESIDE=PYTHON with obsei, pandas
	$(BIN)/python -m tests.bench --eval "$(EVAL)" --beside "$(BESIDE)"

semantic: $(READY)    ## words' vectors from the packaged encoder, and what they bring
	@$(BIN)/python -c "import torch" 2>/dev/null || \
		{ echo "install PyTorch's CPU build into $(VENV) first; the plain name brings gigabytes"; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[semantic]"
	$(BIN)/python -m tests.bench.semantic --eval "$(EVAL)"

trust: $(READY)        ## the long batteries in full; PART=kills runs one; writes tests/TRUST.md
	$(BIN)/python -m tests.trust $(PART)

planted: $(READY)      ## plant each bug of tests/planted.toml and see its test fail; writes tests/PLANTED.md
	$(BIN)/python -m tests.planted

build: $(READY)       ## the wheel and the source archive
	$(BIN)/python -m build --no-isolation

constraints:          ## pin the newest versions the ranges allow (needs uv on the path)
	uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate --upgrade -q -o constraints.txt
