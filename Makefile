# Short targets for daily work. .ci/run does what check, test and coverage do.
PYTHON ?= python

.PHONY: check quick pythons lowest test soak coverage fmt bench docs sentences instances screenshots

check:
	$(PYTHON) -m mypy
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	lint-imports

quick:
	$(PYTHON) -m pytest -n auto -q tests/bench -m "not slow and not soak" --ignore tests/bench/execution --ignore tests/bench/tracking

pythons: # the quick tests on each supported version of Python, in environments of their own
	for version in 3.11 3.12 3.13; do \
	  uv venv -q --clear --python $$version build/python$$version && \
	  VIRTUAL_ENV=build/python$$version uv pip install -q -e ".[test]" && \
	  $(MAKE) quick PYTHON=build/python$$version/bin/python || exit 1; \
	done

lowest: # the quick tests with the lowest versions that pyproject.toml allows
	uv venv -q --clear build/lowest
	VIRTUAL_ENV=build/lowest uv pip install -q --resolution lowest-direct -e ".[test]"
	PYTEST_ADDOPTS="-W ignore::DeprecationWarning -W ignore::FutureWarning --dist=load" $(MAKE) quick PYTHON=build/lowest/bin/python

test:
	$(PYTHON) -m pytest -n auto

soak: pythons lowest
	$(PYTHON) -m pytest -m soak --timeout 3600 --durations=25

coverage: export COVERAGE_PROCESS_START = $(CURDIR)/tests/coverage.toml
coverage: export COVERAGE_FILE = $(CURDIR)/build/coverage/data
coverage:
	rm -rf build/coverage
	$(PYTHON) -m pytest -n auto --durations=25
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

sentences: # every sentence that a user can meet, for a review: build/sentences.txt
	$(PYTHON) docs/write_sentences.py

instances:
	$(PYTHON) -m bench instances generate --bundle instances

screenshots:
	$(PYTHON) docs/write_capture.py
	BENCH_SCREENSHOTS=docs/images BENCH_REQUIRE_BROWSER=1 $(PYTHON) -m pytest tests/browser --timeout 3600
