# Everything a person does in this checkout. Needs Python 3.11-3.13, make and a C compiler;
# all else goes into .venv, in the versions of requirements/dev.txt.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCK := requirements/dev.txt
CODE := edgesim edge_functions origins tests $(wildcard bench)
PORT ?= 8080
ORIGIN ?=
ARGS ?=
BENCHMARK := --benchmark-columns=min,median,rounds --benchmark-sort=fullname --benchmark-disable-gc

.DEFAULT_GOAL := help

.PHONY: help
help: ## List these commands
	@echo "make demo is where to start. All commands:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(READY) ## Start the CDN on PORT=8080 before the demo shop, or before ORIGIN=http://127.0.0.1:3000
ifeq ($(strip $(ORIGIN)),)
	@exec $(BIN)/python origins/shop/demo.py --port $(PORT)
else
	@exec $(BIN)/edgesim dev --origin $(ORIGIN) --port $(PORT)
endif

.PHONY: test
test: $(READY) ## Run lint and all tests (ARGS="tests/cache -k vary" for some)
	@.ci/system-packages
	@$(MAKE) --no-print-directory lint
	@$(BIN)/pytest -q -n auto $(ARGS)

.PHONY: lint
lint: $(READY) ## Check style and types
	@$(BIN)/ruff check --quiet $(CODE)
	@$(BIN)/ruff format --quiet --check $(CODE) || \
		{ echo "Not formatted as ruff does it. make format repairs that."; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@echo "Style and types are fine."

.PHONY: format
format: $(READY) ## Format the code and repair what ruff can
	@$(BIN)/ruff check --quiet --fix-only $(CODE)
	@$(BIN)/ruff format $(CODE)

.PHONY: check
check: test ## The same as make test

.PHONY: bench
bench: $(READY) ## Measure how fast it is
	@$(BIN)/pytest bench/bench_pure.py --benchmark-only $(BENCHMARK)
	@$(BIN)/python -m bench.bench_store 1000 100000
	@$(BIN)/python -m bench.bench_live
	@$(BIN)/python -m bench.bench_functions
	@$(BIN)/python -m bench.bench_idle

.PHONY: bench-peers
bench-peers: $(READY) ## Measure it beside nginx, Varnish and miniflare (ARGS="--rounds 2 --seconds 1")
	@$(BIN)/python -m bench.bench_peers $(ARGS)

.PHONY: soak
soak: $(READY) ## Live through a day with functions that fail at random (ARGS="--requests 20000")
	@$(BIN)/python -m bench.soak $(ARGS)

.PHONY: wheel
wheel: $(READY) ## Build the wheel and the source distribution into dist/
	@$(BIN)/hatchling build

.PHONY: lock
lock: $(READY) ## Choose the newest versions that pyproject.toml allows, and lock them
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-annotate \
		--custom-compile-command "make lock" \
		--all-extras --group dev --output-file $(LOCK) pyproject.toml

.PHONY: clean
clean: ## Remove everything that these commands made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is made last, so an interrupted installation is taken up again.
$(READY): $(LOCK) pyproject.toml | $(BIN)/python
	@echo "Installing edgesim and $$(grep -c '^[a-z].*==' $(LOCK)) locked packages into $(VENV)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input \
		--require-hashes -r $(LOCK)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input \
		--no-deps --no-build-isolation -e .
	@touch $@

$(BIN)/python:
	@python=$$(.ci/find-python) && echo "Making $(VENV) with $$python" && \
		{ "$$python" -m venv $(VENV) || { rm -rf $(VENV); \
		echo "The module venv is missing (Debian, Ubuntu: sudo apt-get install python3-venv)."; \
		exit 1; }; }
