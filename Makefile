# `make site` and `make test` are all that is needed; both set up what they need first.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help site pages engines serve test lint setup browser lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# All engine versions that images.toml names but the default one, which `make pages` runs.
RECIPES := src/pagelab/dockerfiles/images.toml
ENGINES = $(filter-out $(shell sed -n 's/^default = "\(.*\)".*/\1/p' $(RECIPES)),$(shell sed -n 's/^\[engine\."\(.*\)"\].*/\1/p' $(RECIPES)))
# For pytest, where pages are run: `make pages OPTIONS=--no-cache` runs those that have not changed, too.
OPTIONS ?=
# What any machine can have that has root: `make test` is not green where pages were left out for want of it.
INSIST := $(addprefix --require=,kubernetes swarm gvisor)
export NO_MKDOCS_2_WARNING := 1
# Packages of Debian and Ubuntu that are not Python; installed as root only, and only when missing.
APT_GET = apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

site: pages ## run every page on real Docker hosts, then build the site in site/
	@$(BIN)/python -m macros.build

pages: setup
	@echo "== running the pages; evidence goes to evidence/"
	@$(BIN)/pytest docs --numprocesses auto --dist loadgroup $(OPTIONS)

engines: setup ## run every page on the other Docker versions too; where one differs is recorded, and fails nothing
	@$(BIN)/pagelab setup $(ENGINES:%=--engine %)
	@for engine in $(ENGINES); do \
	  echo "== running the pages on Docker $$engine; evidence goes to evidence/engines/$$engine/"; \
	  $(BIN)/pytest docs --engine $$engine --numprocesses auto --dist loadgroup $(OPTIONS) || [ $$? = 1 ] || exit; \
	done

serve: $(VENV)/installed ## show the site while you write (LANGUAGE=en or zh-Hant); states are shown as they are
	@$(BIN)/python -m mkdocs serve --config-file mkdocs.$(or $(LANGUAGE),en).yml

test: setup browser lint ## pass all tests: lint, unit, every page, labs, the built site in a browser
	@$(BIN)/pytest tests/unit tests/golden tests/corpus --numprocesses auto
	@$(MAKE) --no-print-directory pages OPTIONS="$(INSIST) $(OPTIONS)"
	@$(BIN)/pytest tests/labs
	@$(BIN)/pytest tests/site

lint: $(VENV)/installed
	@echo "== checking the code"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

setup: $(VENV)/installed
	@$(BIN)/pagelab setup

$(VENV)/installed: requirements.lock pyproject.toml
	@echo "== making the virtual environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 …" >&2; exit 69; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { [ "$$(id -u)" = 0 ] && $(APT_GET) python3-venv >/dev/null; } \
	  || { echo "python3-venv is needed: install it, or run this once as root" >&2; exit 69; }
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/pip --disable-pip-version-check --quiet install --require-hashes --requirement requirements.lock
	@$(BIN)/pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation --editable .
	@touch $@

browser:
	@command -v chromium chromium-browser google-chrome >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && echo "== installing chromium and fonts for the tests of the site" \
	       && { $(APT_GET) chromium fonts-noto-cjk fonts-noto-color-emoji; } >/dev/null; } \
	  || { echo "chromium is needed for the tests of the site: install it, or run this once as root" >&2; exit 69; }

lock: $(VENV)/installed ## renew requirements.lock from pyproject.toml
	@$(BIN)/pip --disable-pip-version-check --quiet install uv
	@$(BIN)/uv pip compile pyproject.toml --extra site --extra test --generate-hashes --python-version 3.11 \
	  --no-header --quiet --upgrade --output-file requirements.lock

clean: ## remove what was built here (images and the engine stay)
	@rm -rf site evidence .cache build $(VENV)
