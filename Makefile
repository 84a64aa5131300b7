PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
NODE_CLIENT := $(VENV)/node/.installed
SNAPSHOT := src/modeldex/data/catalog.snapshot
PROVIDERS := $(wildcard src/modeldex/data/providers/*.yaml)
COMPILER := $(wildcard src/modeldex/domain/*.py src/modeldex/catalog/*.py src/modeldex/catalog/authoring/*.py)

.DEFAULT_GOAL := help
.PHONY: vocabulary help demo test check bars bench calculators catalogue docs lint clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(INSTALLED): requirements/dev.txt pyproject.toml hatch_build.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(SNAPSHOT): $(INSTALLED) $(PROVIDERS) $(COMPILER)
	@$(BIN)/modeldex catalog build
	@touch $@

demo: $(SNAPSHOT) ## build the environment and answer a question from the catalogue
	@$(BIN)/python bench/demo.py

# what a client of Node needs, where Node is; without it that test says why it skips
$(NODE_CLIENT): requirements/npm.txt
	@mkdir -p $(dir $@)
	@if command -v npm >/dev/null; then \
	  npm install --silent --no-save --no-package-lock --no-audit --no-fund \
	    --prefix $(dir $@) $$(cat requirements/npm.txt) || echo "no npm packages" >&2; \
	fi
	@touch $@

test: $(SNAPSHOT) $(NODE_CLIENT) ## run the tests, a file at a time on each processor
	MODELDEX_TEST_NODE_MODULES=$(abspath $(dir $(NODE_CLIENT)))/node_modules \
	  $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: $(INSTALLED) ## format check, ruff, mypy, import-linter
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## everything that must pass before a change lands
	$(BIN)/modeldex catalog validate --quiet
	$(BIN)/modeldex catalog fmt --check

bars: $(SNAPSHOT) ## prove the absolute bars at full scale; wants a quiet machine
	PYTHONPATH=tests $(BIN)/python bench/bars.py

bench: $(SNAPSHOT) ## print the ratios of the benchmarks, small scale
	PYTHONPATH=tests $(BIN)/python bench/bars.py --small

calculators: $(SNAPSHOT) ## hold costs against the peers' calculators; SOURCES=DIR
	PYTHONPATH=bench $(BIN)/python bench/calculators.py --sources $(SOURCES)

vocabulary: $(INSTALLED) ## write the tables of capabilities from data/capabilities.yaml
	@$(BIN)/python -m modeldex.bootstrap.vocabulary

catalogue: $(INSTALLED) ## rebuild the catalogue from the pinned packages
	$(BIN)/python -m modeldex catalog rebuild

docs: $(SNAPSHOT) ## run every example of the documents, and see that they name all
	$(BIN)/python -m pytest -q README.md CONTRIBUTING.md docs tests/docs

clean: ## remove what was built
	rm -rf $(VENV) build dist $(SNAPSHOT)
