# Needs Python 3.11 or newer and nothing else. Uses uv when it is there, and Node for the explorer.

PYTHON ?= python3
PORT ?= 8000
EXPLORER := server/explorer
PEERS := tests/benchmarks/peers
REQUIREMENTS_test := requirements.txt
REQUIREMENTS_dev := .ci/requirements-dev.txt

PYTEST = -m pytest --numprocesses auto --dist worksteal

# Compiled tests are kept, whatever the shell says: collecting them takes a third of the time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo help test quick fix check lint newest wheel benchmark graphiql lock

demo: .venv/test  ## serve the graph on invented upstreams, at PORT
	@if command -v npm >/dev/null 2>&1; \
	then $(MAKE) --no-print-directory --silent $(EXPLORER)/dist/icon.svg || echo "GraphiQL could not be built; the plain page is served instead."; \
	fi
	@TROPHYCASE_SANDBOX_UNLOCKS=$${TROPHYCASE_SANDBOX_UNLOCKS:-30} \
	 TROPHYCASE_LIVE_INTERVAL=$${TROPHYCASE_LIVE_INTERVAL:-5} \
	 exec .venv/bin/python -m server serve --sandbox --port $(PORT)

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | expand -t 12

test: .venv/test  ## run all tests, in parallel
	.venv/bin/python $(PYTEST)

quick: .venv/test  ## run every test that is not marked slow, in parallel
	.venv/bin/python $(PYTEST) -m "not slow"

fix: .venv/dev  ## format the code and apply the safe lint fixes
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

check: test lint  ## everything a change must pass

lint: .venv/dev  ## check format, lint, import contracts and types
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/lint-imports
	.venv/bin/pyright

newest:  ## test the newest packages that pyproject.toml allows, where their internals are used
	$(PYTHON) -m venv --clear .venv/newest
	.venv/newest/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	.venv/newest/bin/python -m pip install --quiet --only-binary :all: --group test --editable .
	.venv/newest/bin/python $(PYTEST) tests/schema tests/server/runtime

wheel: .venv/test $(EXPLORER)/dist/icon.svg  ## build dist/, and test the wheel where the `schema` distribution is installed
	rm -rf dist
	.venv/bin/python -m hatchling build --directory dist
	$(PYTHON) -m venv --clear .venv/wheel
	grep -o '^[^ ]*==[^ ]*' requirements.txt > .venv/wheel/constraints.txt
	.venv/wheel/bin/python -m pip install --quiet --only-binary :all: --constraint .venv/wheel/constraints.txt schema dist/*.whl
	.venv/wheel/bin/python -m pip check
	WHEEL_PYTHON=.venv/wheel/bin/python .venv/bin/python -m pytest tests/test_trophycase.py

benchmark: .venv/benchmarks $(PEERS)/node_modules  ## measure the server beside its peers (on Node too, if it is there)
	.venv/benchmarks/bin/python -m tests.benchmarks $(ARGUMENTS)

.venv/benchmarks: $(PEERS)/requirements.txt
	$(PYTHON) -m venv --clear $@
	$@/bin/python -m pip install --quiet --require-hashes --only-binary :all: --requirement $<
	@touch $@

$(PEERS)/node_modules: $(PEERS)/package-lock.json
	@if command -v npm >/dev/null 2>&1; \
	then cd $(PEERS) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch node_modules; fi

graphiql:  ## build the explorer's files (needs Node)
	@echo "Building GraphiQL, once; this takes up to a minute."
	cd $(EXPLORER) && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error && npm run --silent build

$(EXPLORER)/dist/icon.svg: $(addprefix $(EXPLORER)/,package-lock.json build.mjs entry.jsx session.jsx storage.js explorer.css static/icon.svg)
	$(MAKE) --no-print-directory graphiql

lock:  ## write the pins again, for uv and for pip (needs uv)
	uv lock
	uv export --quiet --frozen --no-emit-project --no-default-groups --group test --format requirements-txt --output-file requirements.txt
	uv export --quiet --frozen --no-emit-project --no-default-groups --extra redis --extra otel --format requirements-txt --output-file deploy/requirements.txt
	uv export --quiet --frozen --no-emit-project --no-default-groups --group dev --format requirements-txt --output-file .ci/requirements-dev.txt
	uv export --quiet --frozen --no-emit-project --no-default-groups --group benchmarks --format requirements-txt --output-file $(PEERS)/requirements.txt

# Only wheels with known hashes are fetched. The project itself is built without fetching anything.
.venv/%: pyproject.toml uv.lock requirements.txt .ci/requirements-dev.txt
	@if command -v uv >/dev/null 2>&1; \
	then uv sync --quiet --frozen --inexact --no-build --no-install-project --no-default-groups --group $* \
	  && uv pip install --quiet --offline --no-deps --no-build-isolation --python .venv/bin/python --editable .; \
	else { test -x .venv/bin/python || $(PYTHON) -m venv .venv; } \
	  && .venv/bin/python -m pip install --quiet --require-hashes --only-binary :all: --requirement $(REQUIREMENTS_$*) \
	  && .venv/bin/python -m pip install --quiet --no-index --no-deps --no-build-isolation --editable .; fi
	@touch $@
