"""Whether two files are the same problem with different names, as solvers read them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench.errors import BenchError
from bench.execution.compare_readers import LARGEST_MIB, is_larger
from bench.execution.linter import Linter
from bench.instances.files import file_format
from bench.instances.lint.findings import Notes
from bench.model.instances.finding import LintFinding
from bench.model.instances.linear_program import LinearProgram
from bench.solvers import registry
from bench.solvers.readers import first_two


def difference(linter: Linter, one: Path, other: Path) -> str | None:
    """Return a difference of two files, None if every reader reads the same problem from both.

    A separate process reads them; if it does not finish, that is a difference, too. Files larger
    than those that the lint compares are not read.
    """
    if is_larger(one, LARGEST_MIB):
        return None
    found = linter.look(partial(_compared, other=other), one)
    return found if isinstance(found, str) else next((each.message for each in found), None)


def _compared(one: Path, other: Path) -> list[LintFinding]:
    notes = Notes()
    for name in first_two():
        known = registry.declaration(name)
        if file_format(one) in known.formats and _read(name, one) != _read(name, other):
            notes.error("another problem", None, f"{known.title} reads another problem")
    return notes.findings()


def _read(name: str, path: Path) -> object:
    """Return all numbers that a solver reads, in their order, or that it reads none."""
    try:
        found: LinearProgram = registry.load(name).read(path)
    except BenchError:
        return "refused"
    columns = [(one.lower, one.upper, one.objective, one.integral) for one in found.columns]
    rows = [(one.indices, one.coefficients, one.lhs, one.rhs) for one in found.rows]
    return columns, rows, found.sense, found.objective_offset, found.beyond
