# Short targets for daily work; everything here is also done by .ci/run.
PYTHON ?= python

.PHONY: check test fmt bench instances screenshots

check:
	$(PYTHON) -m mypy
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	lint-imports

test:
	$(PYTHON) -m pytest

fmt:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench:
	$(PYTHON) benchmarks/per_task.py

instances:
	$(PYTHON) -m bench instances generate --bundle instances

screenshots:
	BENCH_SCREENSHOTS=docs/images BENCH_REQUIRE_BROWSER=1 $(PYTHON) -m pytest tests/browser
