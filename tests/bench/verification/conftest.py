"""Programs and solutions that several tests check."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import inf
from pathlib import Path

import pyscipopt
import pytest

from bench.model.instances.linear_program import Column, LinearProgram, Row
from bench.model.instances.problem import Sense
from bench.solvers.scip import versions


@pytest.fixture
def program() -> LinearProgram:
    """Return a program with an optimum of 1200 at x = 3, y = 1, z = 0.5, w = 4."""
    return LinearProgram(
        columns=(
            Column("x", 0, 3, 100, integral=True),
            Column("y", 0, 1, 400, integral=True),
            Column("z", -1, inf, 1100, integral=False),
            Column("w", 0, 4, 0, integral=False),
        ),
        rows=(
            Row("room", (0, 1), (1.0, 1.0), -inf, 4),
            Row("half", (1, 2), (1.0, -1.0), 0.5, 0.5),
            Row("large", (0, 2), (300.0, 200.0), 900, 2000),
        ),
        sense=Sense.MAXIMIZE,
        objective_offset=-50.0,
    )


@pytest.fixture
def solution() -> dict[str, Fraction]:
    """Return the optimum of the program."""
    return {"x": Fraction(3), "y": Fraction(1), "z": Fraction("0.5"), "w": Fraction(4)}


@pytest.fixture
def solved(tmp_path: Path) -> Callable[[Path], Path]:
    """Return a function that solves a file with SCIP and returns the solution file."""

    def solve(path: Path, **params: float) -> Path:
        model = pyscipopt.Model()
        model.hideOutput()
        model.setParams(params)
        model.readProblem(str(path))
        model.optimize()
        solution = tmp_path / "scip.sol"
        model.writeBestSol(str(solution))
        versions.free(model)
        return solution

    return solve
