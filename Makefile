# Everything the project needs, from its own files. `make help` lists the targets.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready-$(shell cksum < requirements/dev.lock | cut -d' ' -f1)

.PHONY: help setup demo run test unit bench chaos check coverage lock messages pictures report

help:
	@echo "make demo   try the bot in a browser, with no Slack account"
	@echo "make run    run the bot with the settings of .env"
	@echo "make test   all tests, with lint, types and the import rule"
	@echo "make unit   the tests of functions, without a database server or a browser"
	@echo "make bench  measure what answers cost"
	@echo "make chaos  run the long chaos tests (killed senders, failing Slack)"
	@echo "make coverage  all tests, and which branches of the code they did not take"
	@echo "make setup  the environment in .venv (the others do it for you)"

setup: $(READY)

$(READY): requirements/dev.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/dev.lock
	@rm -f .venv/.ready-* && touch $@

demo: setup
	$(BIN)/python -m bot demo

run: setup
	$(BIN)/python -m bot run

bench: setup
	$(BIN)/python -m pytest -n 0 -m bench -p no:randomly tests/benchmarks

chaos: setup
	$(BIN)/python -m pytest -n 0 -m long -p no:randomly tests/chaos

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

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements/run.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra dev -o requirements/dev.lock

messages: setup
	$(BIN)/python -m tests.tools.extract_messages

pictures: setup
	$(BIN)/python -m tests.tools.screenshots

report: setup
	$(BIN)/python -m tests.tools.code_report
