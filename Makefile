# Needs Python 3.11 or newer and nothing else. Uses uv when it is there, and Node for the explorer.

PYTHON ?= python3
EXPLORER := server/explorer

.PHONY: demo test check graphiql lock

demo: .venv/test  ## serve the graph on invented upstreams
	@if command -v npm >/dev/null 2>&1; \
	then $(MAKE) --no-print-directory $(EXPLORER)/dist/icon.svg || echo "GraphiQL could not be built; the plain page is served instead."; \
	fi
	.venv/bin/python -m server serve --sandbox

test: .venv/test  ## run the tests
	.venv/bin/python -m pytest

check: .venv/dev test  ## everything a change must pass
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/lint-imports
	.venv/bin/pyright

graphiql:  ## build the explorer's files (needs Node)
	cd $(EXPLORER) && npm ci --ignore-scripts --no-audit --no-fund && npm run build

$(EXPLORER)/dist/icon.svg: $(addprefix $(EXPLORER)/,package-lock.json build.mjs entry.jsx explorer.css static/icon.svg)
	$(MAKE) --no-print-directory graphiql

lock:  ## write the pins again, for uv and for pip (needs uv)
	uv lock
	uv export --quiet --frozen --no-emit-project --no-default-groups --group test --format requirements-txt --output-file requirements.txt
	uv export --quiet --frozen --no-emit-project --all-groups --no-hashes --format requirements-txt --output-file constraints.txt

.venv/%: pyproject.toml uv.lock requirements.txt constraints.txt
	@if command -v uv >/dev/null 2>&1; \
	then uv sync --quiet --frozen --inexact --no-default-groups --group $*; \
	else { test -x .venv/bin/python || $(PYTHON) -m venv .venv; } \
	  && .venv/bin/python -m pip install --quiet --upgrade "pip>=25.1" \
	  && if [ $* = test ]; \
	     then .venv/bin/python -m pip install --quiet --require-hashes -r requirements.txt; \
	     else .venv/bin/python -m pip install --quiet --constraint constraints.txt --group $*; fi \
	  && .venv/bin/python -m pip install --quiet --no-deps --editable .; fi
	@touch $@
