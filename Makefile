# Short targets for daily work. .ci/run does what check, test and coverage do.
PYTHON ?= python

.PHONY: check quick test soak coverage fmt bench docs instances screenshots

check:
	$(PYTHON) -m mypy
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	lint-imports

quick:
	$(PYTHON) -m pytest -n 2 -q tests/bench -m "not slow and not soak" --ignore tests/bench/execution --ignore tests/bench/tracking

test:
	$(PYTHON) -m pytest -n 2

soak:
	$(PYTHON) -m pytest -m soak --timeout 3600 --durations=25

coverage: export COVERAGE_PROCESS_START = $(CURDIR)/tests/coverage.toml
coverage: export COVERAGE_FILE = $(CURDIR)/build/coverage/data
coverage:
	rm -rf build/coverage
	$(PYTHON) -m pytest -n 2 --durations=25
	$(PYTHON) -m coverage combine -q --rcfile tests/coverage.toml
	$(PYTHON) -m coverage report --rcfile tests/coverage.toml --skip-covered --sort=miss

fmt:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench:
	$(PYTHON) benchmarks/per_task.py

docs:
	$(PYTHON) docs/write_fields.py
	$(PYTHON) docs/write_man_pages.py build/man
	NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict

instances:
	$(PYTHON) -m bench instances generate --bundle instances

screenshots:
	BENCH_SCREENSHOTS=docs/images BENCH_REQUIRE_BROWSER=1 $(PYTHON) -m pytest tests/browser
