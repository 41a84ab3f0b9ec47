# Few commands, the same at the desk and in CI. Each works alone on a fresh checkout of a fresh machine.
.DEFAULT_GOAL := help
.PHONY: help demo test check bench services

# uv is used where it is installed; otherwise it is put into .uv/ of this checkout.
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
UV_VERSION := 0.13.8
# The machine's own Python: nothing but locked packages is fetched.
export UV_PYTHON_DOWNLOADS := never
# Images often set it. Every process that a test starts would compile Dagster and scipy again, for seconds.
unexport PYTHONDONTWRITEBYTECODE

help: ## Says what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: .venv/ready ## Simulated product through the whole pipeline, then the Dagster UI until Ctrl-C
	deploy/test-services.sh watch
	$(UV) run --no-sync user-intel demo $(ARGS)

# Two workers: much of a test is waiting for servers and child processes. A file's tests stay together.
test: check services ## All checks and all tests, against real services
	$(UV) run --no-sync pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/ready ## Format, lint, types, SQL lint
	$(UV) run --no-sync ruff format --check
	$(UV) run --no-sync ruff check
	$(UV) run --no-sync mypy
	$(UV) run --no-sync sqlfluff lint sql

bench: .venv/ready ## Throughput and memory beside the peers, in one table (ARGS=--large for 10 M events)
	$(UV) run --no-sync user-intel bench speed $(ARGS)

services: .venv/ready ## The real servers and programs that the tests use, from Debian's packages, Maven Central and npm
	deploy/test-services.sh

.venv/ready: pyproject.toml uv.lock
	@test -x "$(UV)" || command -v "$(UV)" >/dev/null || $(MAKE) --no-print-directory .uv/bin/uv
	$(UV) sync --locked --all-extras --quiet
	@touch $@

.uv/bin/uv:
	python3 -m venv .uv || (apt-get update -qq && apt-get install -qq -y python3-venv && python3 -m venv .uv)
	.uv/bin/pip install --quiet uv==$(UV_VERSION)
