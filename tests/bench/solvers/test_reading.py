"""Reading a file into plain numbers: two readers that know nothing of each other."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from bench.errors import InstanceError
from bench.model.instances.linear_program import LinearProgram
from bench.model.instances.problem import Sense
from bench.solvers import registry

READERS = ("scip", "highs")


def read(solver: str, path: Path) -> LinearProgram:
    """Return what a solver reads."""
    return registry.load(solver).read(path)


def plain(program: LinearProgram) -> dict[str, Any]:
    """Return a program by names: equal for two that differ in the order of a row only."""
    names = [column.name for column in program.columns]
    return {
        "columns": program.columns,
        "sides": [(row.name, row.lhs, row.rhs) for row in program.rows],
        "rows": [
            sorted((names[i], a) for i, a in zip(row.indices, row.coefficients, strict=True))
            for row in program.rows
        ],
        "sense": program.sense,
        "objective_offset": program.objective_offset,
        "beyond": program.beyond,
    }


def agree(paths: list[Path]) -> int:
    """Compare the readers on every file that both can read; return how many that were."""
    n_read = 0
    for path in paths:
        try:
            first, second = (read(name, path) for name in READERS)
        except InstanceError:
            continue
        assert plain(first) == plain(second), path.name
        n_read += 1
    return n_read


@pytest.mark.slow
def test_both_readers_agree_on_every_bundled_instance(root: Path) -> None:
    """Names, order, bounds, coefficients to the last bit."""
    assert agree(sorted(root.glob("instances/*.[lm]*p*"))) == 37


@pytest.mark.slow
def test_both_readers_agree_on_real_instances(shared: Path) -> None:
    """Coefficients of 1e-9 and constants in the objective are among them."""
    paths = [*(shared / "instances" / "visible").iterdir(), shared / "instances/broken/e226.mps"]
    assert agree([path for path in paths if path.suffix in {".mps", ".gz", ".lp"}]) >= 32


@pytest.mark.parametrize("reader", READERS)
def test_all_parts_of_a_file_are_there(reader: str, tmp_path: Path) -> None:
    """Sense, constant, free and integral columns, equations, ranged and one-sided rows."""
    path = tmp_path / "parts.lp"
    path.write_text(
        "max\n obj: 2 x - y + 7\nst\n one: x + y <= 4\n same: x - z = 1\n"
        " least: y + 2 z >= -3\nbounds\n x <= 3\n y free\n z >= -1.5\ngeneral\n x\nend\n"
    )
    program = read(reader, path)
    assert (program.sense, program.objective_offset, program.beyond) == (Sense.MAXIMIZE, 7, ())
    assert [(c.name, c.lower, c.upper, c.objective, c.integral) for c in program.columns] == [
        ("x", 0, 3, 2, True),
        ("y", -math.inf, math.inf, -1, False),
        ("z", -1.5, math.inf, 0, False),
    ]
    sides = {row.name: (row.lhs, row.rhs) for row in program.rows}
    assert sides == {"one": (-math.inf, 4), "same": (1, 1), "least": (-3, math.inf)}
    assert program.n_nonzeros == 6


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "text",
    [
        "min\n x + [ x^2 ] / 2\nst\n a: x + y >= 1\nend\n",
        "max\n x\nst\n a: x + y <= 7\nbounds\n 2 <= x <= 5\nsemi\n x\nend\n",
    ],
    ids=["quadratic", "semi-continuous"],
)
def test_what_is_not_linear_is_named(reader: str, tmp_path: Path, text: str) -> None:
    """Nobody may take the rows and columns for the whole problem."""
    path = tmp_path / "beyond.lp"
    path.write_text(text)
    assert read(reader, path).beyond


@pytest.mark.parametrize("reader", READERS)
def test_reading_leaves_tiny_numbers_as_they_are(reader: str, knapsack: Path) -> None:
    """A solver may take them for zero, a check may not."""
    knapsack.write_text(knapsack.read_text().replace("cost -3 room 2", "cost -3 room 5e-10"))
    (row,) = read(reader, knapsack).rows
    assert sorted(row.coefficients) == [5e-10, 3, 4]


def test_entries_that_stand_twice_are_refused_where_one_would_be_lost(knapsack: Path) -> None:
    """HiGHS keeps the first, SCIP adds them up: only one of them is the problem."""
    text = knapsack.read_text()
    knapsack.write_text(text.replace(" b cost -4 room 3\n", " b cost -4 room 3\n b room 1\n"))
    with pytest.raises(InstanceError, match="ignores a part"):
        read("highs", knapsack)
    (row,) = read("scip", knapsack).rows
    assert sum(row.coefficients) == 4 + (3 + 1) + 2


def test_the_fake_solver_reads_nothing(knapsack: Path) -> None:
    """It says so instead of making a problem up."""
    with pytest.raises(InstanceError, match="reads nothing"):
        read("fake", knapsack)
