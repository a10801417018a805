# Commands of the suite. They need make, Python 3.11 or later with venv, and a package index.

SHELL := /bin/bash
PYTHON ?= python3
SWEEP ?= quick
LAUNCHER ?= ray
DATA ?=
ARGS ?=
CKPT ?=
IMG ?=
OUT ?=
BENCH ?=
STUDY ?=

# A variable as it was typed, whatever characters it holds, for the shell.
quoted = '$(subst ','\'',$(value $(1)))'

VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
DOCS := $(VENV)/.docs

.PHONY: help sweep train status test test-fast lint format setup photo-named predict app report study bench docs clean
.DEFAULT_GOAL := help

help: ## show this list
	@echo "make TARGET [NAME=value ...]"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r name text; do \
		printf '  %-9s %s\n' "$$name" "$$text"; done

sweep: $(READY) ## train the trials of a sweep side by side and rank them: SWEEP=quick DATA=cifar10 LAUNCHER=ray
	$(RUN) -m src.train -m hydra/launcher=$(LAUNCHER) +sweep=$(SWEEP) $(if $(DATA),data=$(DATA)) $(ARGS)

train: $(READY) ## train one trial: DATA=cifar10 ARGS="model=unet_m target=ab loss=mse"
	$(RUN) -m src.train $(if $(DATA),data=$(DATA)) $(ARGS)

status: $(READY) ## how far a sweep is: SWEEP=quick
	$(RUN) -m src.sweeps status outputs/sweeps/$(SWEEP)

report: $(READY) ## print and write the result table of a sweep: SWEEP=quick
	$(RUN) -m src.report sweep=outputs/sweeps/$(SWEEP) $(ARGS)

photo-named:
	@test -n $(call quoted,IMG) || { echo "error: which photo? make predict IMG=photo.jpg"; exit 1; }

predict: photo-named $(READY) ## color a photo or a folder of them: IMG=photo.jpg OUT=colored.jpg CKPT=outputs/sweeps/quick
	$(RUN) -m src.predict img=$(call quoted,IMG) $(if $(value CKPT),ckpt=$(call quoted,CKPT)) \
		$(if $(value OUT),out=$(call quoted,OUT)) $(ARGS)

app: $(READY) ## a page to drop photos on: CKPT=outputs/sweeps/quick
	$(RUN) -m src.app $(if $(CKPT),"ckpt=$(CKPT)") $(ARGS)

test: lint ## lint, then run all tests: ARGS="-k palette"
	OMP_NUM_THREADS=1 $(RUN) -m pytest --numprocesses auto --maxprocesses 8 --dist worksteal $(ARGS)

test-fast: $(READY) ## the tests that take no seconds each, without lint
	OMP_NUM_THREADS=1 $(RUN) -m pytest --numprocesses auto --maxprocesses 8 --dist worksteal -m "not slow" $(ARGS)

lint: $(READY) ## check style, types, which layer imports which, and links
	$(VENV)/bin/ruff format --check src tests docs
	$(VENV)/bin/ruff check src tests docs
	$(VENV)/bin/mypy src/huesweep tests docs
	$(VENV)/bin/lint-imports
	$(VENV)/bin/pytest --quiet --no-header --durations=0 tests/test_docs.py -k every_link

format: $(READY) ## lay out the code as lint wants it
	$(VENV)/bin/ruff format src tests docs
	$(VENV)/bin/ruff check --fix src tests docs

setup: $(READY) ## make .venv with the pinned dependencies

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: Python 3.11 or later is needed; name one with PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --editable '.[dev]' --constraint constraints.txt
	@touch $@

study: $(READY) ## train what is missing of a study and write its tables: STUDY=yeung; with ARGS=--tables only write
	$(RUN) -m src.study $(STUDY) $(ARGS)

bench: $(READY) ## measure what is promised: BENCH=data, all without it
	$(RUN) -m src.benchmarks $(BENCH)

docs: $(DOCS) ## build the documentation: open site/index.html
	$(RUN) -m docs.layers
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict --clean
	@echo "open site/index.html"

$(DOCS): $(READY)
	$(RUN) -m pip install --editable '.[docs]' --constraint constraints.txt
	@touch $@

clean: ## remove .venv, site, caches and packed pictures; results below outputs/ stay
	rm -rf $(VENV) site .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache *.egg-info
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
