# Everything the project needs, from its own files. `make help` lists the targets.
PYTHON ?= python3
BIN := .venv/bin
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
# a lock file that is installed leaves a mark with its checksum; the packages of each are among those of the next
mark = .venv/.ready-$(1)-$(shell cksum < requirements/$(1).lock | cut -d' ' -f1)
DEV := $(call mark,dev)
DEMO := $(firstword $(wildcard $(DEV)) $(call mark,demo))
RUN := $(firstword $(wildcard $(DEV) $(call mark,demo)) $(call mark,run))

.PHONY: help setup demo init run test unit bench chaos hostile check coverage wheel sbom lock messages pictures report

help:
	@echo "make demo   try the bot in a browser, with no Slack account"
	@echo "make init   ask for the settings, write .env, create the database and check everything"
	@echo "make run    run the bot with the settings of .env"
	@echo "make test   all tests, with lint, types and the import rule"
	@echo "make unit   the tests of functions, without a database server or a browser"
	@echo "make bench  measure what answers cost"
	@echo "make chaos  run the long tests (killed senders, failing Slack, years of use)"
	@echo "make hostile  run the attacks and bad days of docs/security.md, and print each"
	@echo "make coverage  all tests, and which branches of the code they did not take"
	@echo "make wheel  the package, in dist/"
	@echo "make setup  the environment in .venv (the others do it for you)"

setup: $(DEV)

# what is never imported needs no bytecode: a third less to write and to keep
.venv/.ready-%:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; name one: make PYTHON=python3.12 ...")'
	@echo "Installing the packages of requirements/$(firstword $(subst -, ,$*)).lock in .venv, once …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes --no-deps \
		-r requirements/$(firstword $(subst -, ,$*)).lock
	@rm -f .venv/.ready-* && touch $@

demo: $(DEMO)
	@$(BIN)/python -m bot demo

init: $(RUN)
	@$(BIN)/python -m bot init

run: $(RUN)
	@$(BIN)/python -m bot run

bench: setup
	$(BIN)/python -m pytest -n 0 -m bench -p no:randomly tests/benchmarks

chaos: setup
	$(BIN)/python -m pytest -n 0 -m long -p no:randomly tests/chaos tests/benchmarks

hostile: setup
	$(BIN)/python -m pytest -m "hostile and not long"

test: check
	$(BIN)/python -m pytest

unit: setup
	$(BIN)/python -m pytest tests/unit

coverage: setup
	$(BIN)/python -m pytest --cov

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

wheel: setup
	$(BIN)/python -m hatchling build -t wheel -d dist

sbom: setup
	$(BIN)/python -m tests.tools.sbom

lock:
	$(LOCK) pyproject.toml -o requirements/run.lock
	sed -n 's/^requires = \["\(.*\)"\].*/\1/p' pyproject.toml | $(LOCK) - -c requirements/run.lock -o requirements/build.lock
	$(LOCK) pyproject.toml --extra demo -c requirements/run.lock -o requirements/demo.lock
	$(LOCK) pyproject.toml --extra dev -c requirements/demo.lock -c requirements/build.lock -o requirements/dev.lock

messages: setup
	$(BIN)/python -m tests.tools.extract_messages

pictures: setup
	$(BIN)/python -m tests.tools.screenshots

report: setup
	$(BIN)/python -m tests.tools.code_report
