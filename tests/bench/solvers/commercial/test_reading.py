"""What commercial solvers make of files that readers take in different ways."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from bench.errors import InstanceError
from bench.model.results.solver_output import SolverOutput
from bench.solvers.commercial.dialects import misread_name, misreading
from bench.solvers.commercial.wheels import WHEELS

HEAD = "NAME t\nROWS\n N obj\n G a\n L b\nCOLUMNS\n x obj 1 a 1\n x b 1\n y obj 2 a 1\n y b 1\n"
SIDES = "RHS\n rhs a 2 b 9\n"
MPS = f"{HEAD}{SIDES}ENDATA\n"
SEMI = f"{HEAD}RHS\n rhs a 1 b 9\nBOUNDS\n LO bnd x 3\n SC bnd x 5\n UP bnd y 9\nENDATA\n"
SECOND = "NAME t\nOBJNAME\n o\nROWS\n N obj\n N o\n G a\nCOLUMNS\n x obj 1 o 4\n x a 1\n"
LP = "Minimize\n obj: 2 x + 3 y\nSubject To\n a: x + y >= 2.5\n"
LAZY = "Maximize\n obj: x\nSubject To\n a: x + y <= 9\nLazy Constraints\n l: x <= 4\nEnd\n"
INDICATOR = (
    "Maximize\n obj: x + r\nSubject To\n a: x <= 9\n i:\n r = 1 -> + x <= 3\nBinary\n r\nEnd\n"
)
SAME_LINE = LP.replace(" To\n", " To")
BEYOND = "Maximize\n obj: x\nSubject To\n a: x + y <= 9.5\nBounds\n x <= 7\nBinary\n x\nEnd\n"
CONSTRUCTS: Mapping[str, tuple[str, str, float | None]] = {
    "`OBJSENSE MAX` in one line": ("mps", MPS.replace("ROWS", "OBJSENSE MAX\nROWS"), 18),
    "`OBJNAME` of the second free row": ("mps", f"{SECOND}RHS\n rhs a 2\nENDATA\n", 8),
    "a tab before the objective's name": ("mps", MPS.replace("N obj", "N \t obj"), 2),
    "no vector's name in `RHS`": ("mps", MPS.replace(" rhs", ""), 2),
    "semi-continuous columns in `BOUNDS`": ("mps", SEMI, 2),
    "section `QSECTION`": ("mps", MPS.replace("ENDATA", "QSECTION obj\n x x 2\nENDATA"), 3.75),
    "`nan` for a number": ("mps", MPS.replace("b 9", "b nan"), None),
    "no section at all": ("mps", "first line\nsecond line\n", None),
    "a constant in the objective": ("lp", f"{LP.replace('3 y', '3 y + 7')}End\n", 12),
    "coefficients without a blank, `2x`": ("lp", f"{LP.replace('2 x', '2x')}End\n", 5),
    "`General x y` in one line": ("lp", f"{LP}General x y\nEnd\n", 6),
    "`Bounds x <= 2` in one line": ("lp", f"{LP}Bounds x <= 2\nEnd\n", 5.5),
    "`Subject To a: ...` in one line": ("lp", f"{SAME_LINE}End\n", 5),
    "bounds of a binary column beyond 1": ("lp", BEYOND, 1),
    "section `Lazy Constraints` without integers": ("lp", LAZY, 4),
    "an indicator below its label": ("lp", INDICATOR, 9),
}
"""Format, text and optimal value as the text is meant, None where it has no meaning."""
EMPTY = "no section at all"
FOUND_BY_NAMES = {"a constant in the objective", "coefficients without a blank, `2x`"}
"""Constructs that bench notices once a solver has read the file."""
READ, REFUSED, MISREAD = "read", "refused", "misread"


def _outcome(solve: Callable[[], SolverOutput], value: float | None) -> str:
    try:
        answer = solve()
    except InstanceError as error:
        return f"{REFUSED} by bench" if re.search("misreads|empty model", str(error)) else REFUSED
    return READ if value is not None and answer.primal_bound == pytest.approx(value) else MISREAD


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_what_one_of_them_misreads_is_found_in_the_text(
    name: str, root: Path, tmp_path: Path
) -> None:
    """For that one alone, as the documents say."""
    ending, text, _ = CONSTRUCTS[name]
    path = tmp_path / f"file.{ending}"
    path.write_text(text)
    found = {solver for solver in WHEELS if misreading(solver, path)}
    columns = ["x", "2x", "7"] if name in FOUND_BY_NAMES else ["x", "y"]
    by_names = misread_name(columns, path)
    documented = _documented(root)
    expected = {solver for solver in WHEELS if documented[solver][name] == f"{REFUSED} by bench"}
    assert (expected if by_names is None and name != EMPTY else set()) == found
    assert (by_names is not None) == (name in FOUND_BY_NAMES)


@pytest.mark.parametrize(
    "text", [MPS, f"{LP}General\n x\nEnd\n", LAZY.replace("End", "Int\n x\nEnd")]
)
def test_what_all_of_them_read_is_not_refused(tmp_path: Path, text: str) -> None:
    """Nor what they do not read at all."""
    path = tmp_path / ("file.mps" if text == MPS else "file.lp")
    path.write_text(text)
    assert not any(misreading(solver, path) for solver in WHEELS)
    assert misread_name(["x1", "e2"], path) is None
    assert misread_name(["1x"], tmp_path / "x.mps") is None
    (tmp_path / "file.cip").write_text(text)
    assert not any(misreading(solver, tmp_path / "file.cip") for solver in WHEELS)


@pytest.mark.soak
def test_the_table_of_what_they_read_is_that_of_the_documents(
    wheel: str, solve_by: Callable[..., SolverOutput], root: Path, tmp_path: Path
) -> None:
    """Each file is solved, and its optimum is the one that is meant, or it is refused."""
    found = {}
    for at, (name, (ending, text, value)) in enumerate(CONSTRUCTS.items()):
        path = tmp_path / f"file{at}.{ending}"
        path.write_text(text)
        found[name] = _outcome(partial(solve_by, wheel, path), value)
    assert found == _documented(root)[wheel]


def _documented(root: Path) -> dict[str, dict[str, str]]:
    text = (root / "docs" / "lint.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    cells = {row[0]: row[1:] for row in rows if row[0] in CONSTRUCTS}
    return {
        solver: {name: each[at] for name, each in cells.items()}
        for at, solver in enumerate(("gurobi", "xpress", "cplex", "copt"))
    }
