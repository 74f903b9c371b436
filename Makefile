# lighton-ocr: documents in, Markdown out. `make` alone prints what there is.

.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
# Where Python may not keep compiled modules, each program that a test starts compiles them anew.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
# The first Python that is new enough; `make PYTHON=…` names another.
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
	$(if $(shell $(name) -c 'import sys; print(sys.version_info >= (3, 11) or "")' 2>/dev/null),$(name))))

# Make would ignore a mistyped variable, and read the sample or deploy the default. So unknown names
# are refused first.
TOOLS := MAKE% VENV BIN PYTHON PYTHON_HERE TORCH LIGHTON_OCR_% HF_TOKEN HF_HOME \
	MODAL MODAL_TOKEN_ID MODAL_TOKEN_SECRET MODAL_PROFILE MODAL_ENVIRONMENT
READING := PDF PAGES OUT FORMAT MODEL
SERVING := HOST PORT
CHECKING := MODAL_URL PDF_URL PDF_FILE PAGE URL PARALLEL LINES VERSION YES
SETTINGS := MODEL LIKE REVISION HF_SECRET GPU FAST_BOOT SNAPSHOT MIN_CONTAINERS MAX_CONTAINERS \
	WARM_HOURS TIMEZONE BUFFER_CONTAINERS SCALEDOWN_WINDOW CONCURRENCY REGION CUSTOM_DOMAIN PUBLIC
given := $(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(name)))
ifneq ($(filter ocr,$(MAKECMDGOALS)),)
ifneq ($(filter-out ocr,$(MAKECMDGOALS)),)
$(error Name the document like this: make ocr PDF=$(firstword $(filter-out ocr,$(MAKECMDGOALS))))
endif
known := $(READING)
else
known := $(READING) $(SERVING) $(CHECKING) $(SETTINGS)
endif
unknown := $(firstword $(filter-out $(TOOLS) $(known),$(given)))
ifneq ($(unknown),)
near := $(shell $(PYTHON) -c 'import difflib, sys; \
	print(*difflib.get_close_matches(sys.argv[1].upper(), sys.argv[2:], 1))' \
	$(unknown) $(known) 2>/dev/null)
$(error Unknown variable $(unknown) ($(if $(near),did you mean $(near)?,known: $(known))))
endif

.PHONY: help
help: ## Print this help
	@awk -F ':.*## ' '/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z][a-z0-9-]*:.*## / {printf "  %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Read

PDF ?= examples/letter.pdf
ocr: $(BIN)/lighton-ocr ## Read a document on this machine: PDF=… PAGES=1-3 OUT=… FORMAT=… MODEL=…
	@$(if $(findstring file,$(origin PDF)),echo 'Reading the sample $(PDF); for your own: make ocr PDF=report.pdf' >&2)
	@$(BIN)/lighton-ocr read "$(PDF)" $(if $(PAGES),--pages "$(PAGES)") $(if $(OUT),--output "$(OUT)") \
		$(if $(FORMAT),--format "$(FORMAT)") $(if $(MODEL),--model "$(MODEL)")

HOST ?= 127.0.0.1
PORT ?= 8000
# What the server needs is installed when it is first wanted.
$(VENV)/serve: requirements/serve.txt pyproject.toml
	@$(call environment,requirements/serve.txt)
	@touch $@

serve-here: $(VENV)/serve ## Serve documents over HTTP on this machine, with the studio for browsers: PORT=8000 MODEL=… MODAL_URL=…
	@$(BIN)/lighton-ocr serve --host "$(HOST)" --port "$(PORT)" $(if $(MODEL),--model "$(MODEL)") \
		$(if $(MODAL_URL),--url "$(BASE_URL)") $(if $(OPEN),--open)

studio: OPEN := yes
studio: serve-here ## Like serve-here, and open the studio in a browser

##@ Develop

setup: $(BIN)/lighton-ocr ## Create the virtual environment, .venv (other targets do so automatically)

$(BIN)/lighton-ocr: requirements/base.txt pyproject.toml
	@$(call environment,requirements/base.txt)

$(VENV)/dev: requirements/dev.txt pyproject.toml
	@$(call environment,requirements/dev.txt)
	@touch $@

# uv where there is one (seconds instead of a minute), otherwise what Python itself brings. Neither
# compiles the modules beforehand: Python compiles the few that are imported.
PIP_FLAGS := --quiet --disable-pip-version-check --no-compile
define environment
	if [ -z "$(PYTHON)" ]; then echo "lighton-ocr needs Python 3.11 or newer on the PATH." >&2; exit 1; fi; \
	echo "Installing into $(VENV) (once) …" >&2; \
	if command -v uv >/dev/null; then \
		[ -x $(BIN)/python ] || uv venv --quiet --seed --python $(PYTHON) $(VENV); \
		uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r $(1); \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		[ -x $(BIN)/pip ] || $(PYTHON) -m venv $(VENV); \
		$(BIN)/pip install $(PIP_FLAGS) --no-deps --require-hashes -r $(1); \
		$(BIN)/pip install $(PIP_FLAGS) --no-deps --no-build-isolation -e .; \
	fi; \
	touch $(BIN)/lighton-ocr
endef

# vLLM for CPUs, and what makes the pocket model. torch is installed first and by itself, because its
# build depends on the machine and no other package may replace it.
TORCH := .venv-torch
$(TORCH)/ready: requirements/torch.txt pyproject.toml
	@echo "Installing torch and vLLM for CPUs into $(TORCH) (once, 3.5 GB) …" >&2
	@[ -x $(TORCH)/bin/pip ] || python3.11 -m venv $(TORCH)
	@$(TORCH)/bin/pip install $(PIP_FLAGS) torch==2.13.0
	@$(TORCH)/bin/pip install $(PIP_FLAGS) --no-deps --require-hashes -r requirements/torch.txt
	@$(TORCH)/bin/pip install $(PIP_FLAGS) --no-deps --no-build-isolation -e .
	@touch $@

# The clients of docs/CLIENTS.md, which the tests start as programs of their own.
CLIENTS := .venv-clients
$(CLIENTS)/ready: requirements/clients.txt
	@echo "Installing clients into $(CLIENTS) (once, 0.6 GB) …" >&2
	@[ -x $(CLIENTS)/bin/pip ] || $(PYTHON) -m venv $(CLIENTS)
	@$(CLIENTS)/bin/pip install $(PIP_FLAGS) --no-deps --require-hashes \
		-r requirements/clients.txt
	@touch $@

.PHONY: ocr serve-here studio setup programs unit check coverage test-vllm test-pocket test-clients fix lint types lock docs clean
programs: ## Install the programs that tests start: Chromium, Tesseract, poppler (Debian and Ubuntu, as root)
	@apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes \
		--no-install-recommends chromium tesseract-ocr poppler-utils >/dev/null

unit: $(VENV)/dev ## Run the fast tests: under a minute, no model, no network
	@$(BIN)/pytest -m "not slow" --numprocesses 2 --ignore tests/pocket --ignore tests/vllm --ignore tests/clients

# The tests of a file one after the other: a Ray cluster is found by any process of its machine. In
# the order of the files: long files with few tests would come last.
all_tests = $(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder \
	--ignore tests/pocket --ignore tests/vllm \
	--ignore tests/clients

check: lint types ## Lint, check types and import layers, run all tests
	@$(all_tests)

coverage: $(VENV)/dev ## Run all tests, and fail if they cover less than pyproject.toml requires
	@$(all_tests) --cov --cov-report=term

# On a CPU, vLLM needs more than the container's arguments: tests/vllm/cpu/sitecustomize.py says why.
# This runs only on Linux on x86-64 with Python 3.11.
test-vllm: $(TORCH)/ready ## Start a real vLLM on the CPU, as the container does, and read with it
	@PATH="$(CURDIR)/$(TORCH)/bin:$$PATH" PYTHONPATH=tests/vllm/cpu VLLM_CPU_KVCACHE_SPACE=2 \
		VLLM_CPU_OMP_THREADS_BIND=auto VLLM_NO_USAGE_STATS=1 HF_HUB_OFFLINE=1 \
		$(TORCH)/bin/pytest tests/vllm

test-pocket: $(TORCH)/ready ## Test the programs of pocket/ on a small scale: draw, train, export, score
	@$(TORCH)/bin/python -m pytest tests/pocket

test-clients: $(VENV)/dev $(CLIENTS)/ready ## Run the programs of docs/CLIENTS.md with the real clients (needs Node.js)
	@$(BIN)/pytest tests/clients

fix: $(VENV)/dev ## Correct what ruff can correct, and format the code
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

lint: $(VENV)/dev ## Lint and check the format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/lint-imports

types: $(VENV)/dev ## Check types
	@$(BIN)/mypy

lock: ## Pin all requirements with hashes
	@for extra in base dev; do \
		uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--no-header --output-file requirements/$$extra.txt requirements/base.in pyproject.toml \
			$$([ $$extra = dev ] && echo "--all-extras --group dev --group web requirements/dev.in \
				--excludes requirements/dev.excludes"); \
	done
	@uv pip compile --quiet --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
		--generate-hashes --no-emit-index-url --no-header --excludes requirements/torch.excludes \
		--output-file requirements/torch.txt requirements/torch.in pocket/requirements.txt \
		requirements/base.in pyproject.toml --group dev
	@uv pip compile --quiet --python-version 3.12 --python-platform x86_64-manylinux_2_28 \
		--generate-hashes --no-emit-index-url --no-header \
		--output-file requirements/container.txt requirements/container.in
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --output-file requirements/clients.txt requirements/clients.in
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --output-file requirements/serve.txt requirements/base.in pyproject.toml \
		--extra serve
	@uv pip compile --quiet --python-version 3.12 --python-platform x86_64-manylinux_2_28 \
		--generate-hashes --no-emit-index-url --no-header \
		--overrides requirements/serve-vllm.overrides --output-file requirements/serve-vllm.txt \
		requirements/container.in requirements/base.in pyproject.toml --extra serve

docs: $(VENV)/dev ## Write the generated parts of README.md and docs/
	@$(BIN)/python -m tools.docs.generate

clean: ## Remove environments, caches and built files
	@rm -rf .venv* build dist .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

##@ Deploy on Modal

MODAL ?= $(BIN)/modal
PYTHON_HERE := $(BIN)/python
PDF_URL ?= https://arxiv.org/pdf/2412.13663
# An address is taken with or without /v1.
BASE_URL = $(patsubst %/v1,%,$(patsubst %/,%,$(MODAL_URL)))

# A server is asked by the checkpoint that its fine-tune comes from.
served_model = $(if $(or $(LIKE),$(MODEL)),--model "$(or $(LIKE),$(MODEL))")

# `make token` writes the key; a key in the environment comes first.
ifndef LIGHTON_OCR_API_KEY
LIGHTON_OCR_API_KEY := $(shell sed -n 's/^LIGHTON_OCR_API_KEY=//p' .env 2>/dev/null)
endif
export LIGHTON_OCR_API_KEY

need_url = if [ -z "$(MODAL_URL)" ]; then \
	echo "Say which deployment: make $@ MODAL_URL=https://… (make deploy prints it)." >&2; exit 2; fi
# The key goes in on standard input, as arguments can be seen by every user of the machine.
fetch = $(need_url); printf 'header = "Authorization: Bearer %s"\n' "$$LIGHTON_OCR_API_KEY" \
	| curl --config - --silent --show-error --fail-with-body --location --max-time 900

check-modal: modal-client ## Check that Modal's client is installed and signed in
	@$(MODAL) --version

install-modal: $(BIN)/lighton-ocr ## Install Modal's client into the virtual environment
	@if [ -x $(BIN)/pip ]; then $(BIN)/pip install --quiet 'modal>=1.6,<2'; \
		else uv pip install --quiet --python $(PYTHON_HERE) 'modal>=1.6,<2'; fi

# A mistake in a setting is told before anybody signs in.
settings:
	@[ ! -x $(PYTHON_HERE) ] || $(PYTHON_HERE) -m lighton_ocr.deployment >/dev/null

modal-client:
	@command -v $(MODAL) >/dev/null \
		|| { echo "Modal's client is not installed. Run: make install-modal" >&2; exit 1; }
	@$(MODAL) token info >/dev/null 2>&1 \
		|| { echo "Modal's client is not signed in. Run: $(MODAL) setup" >&2; exit 1; }

weights: settings modal-client ## Download the model's weights once, without a GPU (serve and deploy do so automatically)
	@$(MODAL) run modal_lighton_ocr.py::weights.fetch

serve: weights ## Start a temporary deployment, which ends with Ctrl-C: takes the variables of deploy
	@$(MODAL) serve modal_lighton_ocr.py

deploy: weights ## Deploy: MODEL=1b GPU=L4 FAST_BOOT= SNAPSHOT= MAX_CONTAINERS=1 CONCURRENCY= PUBLIC= …
	@$(MODAL) deploy modal_lighton_ocr.py

serve-fast deploy-fast: override export FAST_BOOT := 1
serve-32k deploy-32k: override export MODEL := 32k
serve-16k deploy-16k: override export MODEL := 16k

serve-fast: serve ## Try a deployment with a faster start but slower reading
serve-32k: serve ## Try the model with 32,000 tokens of vocabulary
serve-16k: serve ## Try the model with 16,000 tokens of vocabulary
deploy-fast: deploy ## Deploy, with a faster start but slower reading
deploy-32k: deploy ## Deploy the model with 32,000 tokens of vocabulary
deploy-16k: deploy ## Deploy the model with 16,000 tokens of vocabulary

token: modal-client ## Create an API key (a proxy token) and store it in .env, where the targets below find it
	@$(MODAL) workspace proxy-tokens create --name lighton-ocr --json \
		| $(PYTHON_HERE) -m lighton_ocr.deployment.proxy_token
	@echo "Kept in .env as LIGHTON_OCR_API_KEY."

health: ## Check that a deployment is up: MODAL_URL=…
	@$(fetch) --output /dev/null "$(BASE_URL)/health" && echo "healthy"

models: ## List the models that a deployment serves: MODAL_URL=…
	@$(fetch) "$(BASE_URL)/v1/models" && echo

metrics: ## Show vLLM's own metrics: MODAL_URL=…
	@$(fetch) "$(BASE_URL)/metrics"

logs: modal-client ## Follow the logs: MODEL=… names another deployment, also for the targets below
	@app=$$($(PYTHON_HERE) -m lighton_ocr.deployment) && $(MODAL) app logs "$$app" --follow

LINES ?= 1000
logs-history: modal-client ## Show the last lines of the logs: LINES=1000
	@app=$$($(PYTHON_HERE) -m lighton_ocr.deployment) \
		&& $(MODAL) app logs "$$app" --tail "$(LINES)" --timestamps

containers: modal-client ## List the running containers of all deployments
	@$(MODAL) container list

stop: modal-client ## Stop and remove the deployment
	@app=$$($(PYTHON_HERE) -m lighton_ocr.deployment) && $(MODAL) app stop "$$app" --yes

# Modal's billing report counts whole hours and whole days.
cost: modal-client ## Show what the deployment has cost today and this month, from Modal's billing report
	@app=$$($(PYTHON_HERE) -m lighton_ocr.deployment) \
		&& $(MODAL) billing report --for today --resolution h --json \
			| $(PYTHON_HERE) -m lighton_ocr.deployment.cost "$$app" "today" \
		&& $(MODAL) billing report --for "this month" --json \
			| $(PYTHON_HERE) -m lighton_ocr.deployment.cost "$$app" "this month, until yesterday"

dashboard: modal-client ## Open the deployment's page at Modal
	@app=$$($(PYTHON_HERE) -m lighton_ocr.deployment) && $(MODAL) app dashboard "$$app"

rollback: modal-client ## Restore the previous version of the deployment, or VERSION=v3
	@app=$$($(PYTHON_HERE) -m lighton_ocr.deployment) && $(MODAL) app rollback "$$app" $(VERSION)

test: $(BIN)/lighton-ocr ## Check that a deployment works: MODAL_URL=… PDF_URL=…; without a URL, checks the embedded engine
ifdef MODAL_URL
	@$(BIN)/lighton-ocr check --url "$(BASE_URL)" "$(PDF_URL)" $(served_model)
else
	@echo "No MODAL_URL: testing the embedded engine." >&2
	@$(BIN)/lighton-ocr check
endif

test-custom: $(BIN)/lighton-ocr ## The same on a document of your own: MODAL_URL=… PDF_FILE=… PAGE=1
	@$(need_url)
	@if [ -z "$(PDF_FILE)" ]; then echo "Say which document: make $@ PDF_FILE=…" >&2; exit 2; fi
	@$(BIN)/lighton-ocr check --url "$(BASE_URL)" "$(PDF_FILE)" $(if $(PAGE),--page "$(PAGE)") \
		$(served_model)

test-no-stream: $(BIN)/lighton-ocr ## The same without streaming: MODAL_URL=… PDF_URL=…
	@$(need_url)
	@$(BIN)/lighton-ocr check --url "$(BASE_URL)" "$(PDF_URL)" --no-stream $(served_model)

attack: $(BIN)/lighton-ocr ## Test the promises of SECURITY.md on your own server, in about a minute: URL=…
	@if [ -z "$(URL)" ]; then echo "Say which server of yours: make $@ URL=https://…" >&2; exit 2; fi
	@$(PYTHON_HERE) -m tools.attack "$(URL)"

smoke: modal-client ## Test a deployment on your Modal account and report its cost; asks first, unless YES=1: MODEL=… GPU=…
	@MODAL="$(MODAL)" MAKE="$(MAKE)" $(PYTHON_HERE) -m tools.smoke

# What plots and reads metrics is installed when it is first wanted.
bench_speed = $(need_url); $(PYTHON_HERE) -c 'import matplotlib, prometheus_client' 2>/dev/null \
	|| if [ -x $(BIN)/pip ]; then $(BIN)/pip install --quiet matplotlib prometheus-client; \
		else uv pip install --quiet --python $(PYTHON_HERE) matplotlib prometheus-client; fi; \
	$(BIN)/lighton-ocr bench speed --url "$(BASE_URL)" $(if $(PDF_FILE),"$(PDF_FILE)") \
		$(if $(GPU),--gpu "$(GPU)") $(served_model) $(if $(OUT),--out "$(OUT)")

benchmark: $(BIN)/lighton-ocr ## Measure the speed with 1 to 64 pages at once: MODAL_URL=… PDF_FILE=… GPU=L4 OUT=bench-speed
	@$(bench_speed)

PARALLEL ?= 16
benchmark-parallel: $(BIN)/lighton-ocr ## Measure the speed at one level: MODAL_URL=… PARALLEL=16
	@$(bench_speed) --concurrency "$(PARALLEL)"

.PHONY: check-modal install-modal settings modal-client weights cost dashboard serve serve-fast serve-32k serve-16k deploy deploy-fast \
	deploy-32k deploy-16k token health models metrics logs logs-history containers stop rollback test \
	attack smoke test-custom test-no-stream benchmark benchmark-parallel
