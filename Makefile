# lighton-ocr: documents in, Markdown out. `make` alone prints what there is.

.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
# The first Python that is new enough; `make PYTHON=…` names another.
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
	$(if $(shell $(name) -c 'import sys; print(sys.version_info >= (3, 11) or "")' 2>/dev/null),$(name))))

.PHONY: help
help: ## Print this help
	@awk -F ':.*## ' '/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z][a-z0-9-]*:.*## / {printf "  %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Read

PDF ?= examples/letter.pdf
ocr: $(BIN)/lighton-ocr ## Read a document here: PDF=… PAGES=1-3 OUT=… FORMAT=md|html|json|jsonl MODEL=…
	@$(BIN)/lighton-ocr read "$(PDF)" $(if $(PAGES),--pages "$(PAGES)") $(if $(OUT),--output "$(OUT)") \
		$(if $(FORMAT),--format "$(FORMAT)") $(if $(MODEL),--model "$(MODEL)")

##@ Develop

setup: $(BIN)/lighton-ocr ## Make the virtual environment, .venv (other targets do so by themselves)

$(BIN)/lighton-ocr: requirements/base.txt pyproject.toml
	@$(call environment,requirements/base.txt)

$(VENV)/dev: requirements/dev.txt pyproject.toml
	@$(call environment,requirements/dev.txt)
	@touch $@

# uv where there is one (seconds instead of a minute), otherwise what Python itself brings.
define environment
	if [ -z "$(PYTHON)" ]; then echo "lighton-ocr needs Python 3.11 or newer on the PATH." >&2; exit 1; fi; \
	echo "Installing into $(VENV) (once) …" >&2; \
	if command -v uv >/dev/null; then \
		[ -x $(BIN)/python ] || uv venv --quiet --python $(PYTHON) $(VENV); \
		uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1); \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		[ -x $(BIN)/pip ] || $(PYTHON) -m venv $(VENV); \
		$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $(1); \
		$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi; \
	touch $(BIN)/lighton-ocr
endef

.PHONY: ocr setup check lint types lock clean
check: lint types ## Lint, check types and import layers, run all tests with coverage
	@$(BIN)/pytest --cov --cov-report=term

lint: $(VENV)/dev ## Lint and check the format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/lint-imports

types: $(VENV)/dev ## Check types
	@$(BIN)/mypy

lock: ## Pin the requirements anew, with hashes and without addresses
	@for extra in base dev; do \
		uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--no-header --output-file requirements/$$extra.txt requirements/base.in pyproject.toml \
			$$([ $$extra = dev ] && echo "--all-extras --group dev"); \
	done

clean: ## Remove environments, caches and built files
	@rm -rf .venv* build dist .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
