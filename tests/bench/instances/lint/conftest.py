"""Fixtures of the lint's tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.instances.lint.findings import Notes
from bench.instances.lint.mps import lint_mps
from bench.model.instances.finding import LintFinding

Lint = Callable[..., list[LintFinding]]

BASE = """\
NAME t
ROWS
 N c
 G R1
 L R2
COLUMNS
 x c 1 R1 1
 x R2 1
 y c 1 R1 1
RHS
 RHS R1 2 R2 3
RANGES
 RNG R2 1
BOUNDS
 UP BND x 4
ENDATA
"""


@pytest.fixture
def base() -> str:
    """Return a small correct MPS file."""
    return BASE


@pytest.fixture
def lint_mps_text() -> Lint:
    """Return a function that lints the small file after replacing ``old`` by ``new``."""

    def run(old: str = "", new: str = "", text: str = BASE) -> list[LintFinding]:
        assert old in text
        notes = Notes()
        lint_mps([text.replace(old, new, 1).encode()], notes)
        return notes.findings()

    return run
