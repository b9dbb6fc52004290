# Everything starts here. `make serve` and `make test` need python3, make and ca-certificates, nothing else;
# they set .venv up when it is not there. Package mirrors: PIP_INDEX_URL, PIP_FIND_LINKS, pip.conf (see tools/pip_wheel.py).
PYTHON ?= python3
JOBS ?= 2
COMPILE = uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --no-emit-index-url $(UPGRADE)
# Some images forbid compiled modules: then every process compiles all of FeedHub and its libraries anew.
unexport PYTHONDONTWRITEBYTECODE
PYTEST = .venv/bin/python -m pytest -n $(JOBS) --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help serve test test-long lint lock bench bench-poll bench-growth bench-search bench-serve bench-publish bench-hub setup setup-test setup-interop

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 \t/p' Makefile

# Each line is one plain command, so that make itself is the parent and hands a SIGTERM on.
serve: setup ## set up if needed, then run everything in the foreground
	@exec .venv/bin/feedhub serve

demo-sources: setup ## fourteen origins on loopback, of every kind, each added by its address alone: polls, the ledger, a feed
	@.venv/bin/python tools/demo_sources.py

test: setup-test ## all quick tests, on SQLite and on a real PostgreSQL
	@$(PYTEST) $(ARGS)

test-long: setup-test ## the quick tests and the long ones
	@$(PYTEST) -m "long or not long" $(ARGS)

lint: setup-test ## ruff, mypy, and the floors of the house
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@cd tools && ../.venv/bin/mypy --strict --no-incremental bootstrap.py
	@.venv/bin/lint-imports --no-logo

bench: bench-poll bench-growth bench-search bench-serve bench-publish bench-hub ## every benchmark there is, one after the other

bench-poll: setup ## 1,000 sources polled: FeedHub against reader, newsboat and sfeed, in one run (ARGS="--sources 200")
	@.venv/bin/python -m bench.poll $(ARGS)

bench-growth: setup ## what a poll and a feed cost with 1,000 to 100,000 stored entries (ARGS="--stored 1000 1000000 --sources 100 100000")
	@.venv/bin/python -m bench.growth $(ARGS)

bench-serve: setup ## a feed of 61 KB from one core, against nginx, Caddy and Flask (needs wrk; ARGS="--rounds 9")
	@.venv/bin/python -m bench.serve $(ARGS)

bench-hub: setup ## a publication pushed to 1,000 and 10,000 callbacks, against ab and httpx (ARGS="--callbacks 1000")
	@.venv/bin/python -m bench.hub $(ARGS)

bench-publish: setup ## one change until its feeds are files, with 1,000 to 100,000 articles (ARGS="--articles 1000 1000000")
	@.venv/bin/python -m bench.publish $(ARGS)

bench-search: setup ## 50,000 Chinese articles looked up, against LIKE (ARGS="--postgres URL" for that database too)
	@.venv/bin/python -m bench.search $(ARGS)

lock: ## requirements/*.txt anew from pyproject.toml (needs uv; `make lock UPGRADE=--upgrade` for newer versions)
	@command -v uv >/dev/null || { echo "make lock needs uv on the PATH; only this target does." >&2; exit 2; }
	@printf 'pip\nsetuptools\n' | $(COMPILE) - -o requirements/bootstrap.txt
	@$(COMPILE) pyproject.toml -o requirements/run.txt
	@$(COMPILE) pyproject.toml --extra test -c requirements/run.txt -o requirements/test.txt
	@printf 'reader>=3.20\nsgmllib3k\nhttpx\n' | $(COMPILE) - -o requirements/bench.txt

setup:
	@command -v $(PYTHON) >/dev/null || { echo "FeedHub needs Python 3.11 or newer, and there is no $(PYTHON) here." >&2; exit 2; }
	@$(PYTHON) tools/bootstrap.py run

setup-test:
	@command -v $(PYTHON) >/dev/null || { echo "FeedHub needs Python 3.11 or newer, and there is no $(PYTHON) here." >&2; exit 2; }
	@$(PYTHON) tools/bootstrap.py test

setup-interop: setup-test ## another WebSub library, which the long tests talk to
	@.venv/bin/python -m pip install --quiet --upgrade --target var/interop --no-deps --require-hashes -r requirements/interop.txt
